import { type Command, InvalidArgumentError } from 'commander'
import { verifyCase } from '../../alerts/audit/verify-case.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { checkpointFolder, findAuditKey } from '../audit.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { linesOf, verifyPackFile } from '../pack/verify.ts'
import { type Tools, withTools } from '../tools.ts'

interface Options {
  readonly case?: string
  readonly data?: string
  readonly key?: string
  readonly json?: boolean
}

export function addVerifyEvidence(program: Command): void {
  program
    .command('verify-evidence')
    .description(
      'check an exported pack offline, or a case against the signed log; exit 1 when something is wrong',
    )
    .argument('[pack]', 'ZIP of an exported case: every file, the manifest, the proofs, the signature')
    .option('--case <no>', 'number of a case: each entry of its log against the checkpoints', caseNumber)
    .option('--data <dir>', 'data folder, with --case')
    .option(
      '--key <file>',
      'with a pack: key of the log that you trust (as log-key.txt of a pack, from the auditor)',
    )
    .option('--json', 'one JSON object')
    .action((pack: string | undefined, options: Options) => verify(pack, options))
}

async function verify(pack: string | undefined, options: Options): Promise<void> {
  const { case: no } = options
  if (pack !== undefined && no !== undefined)
    throw new SharpEyesError('bad_request', `--case ${no}: name a pack or a case, not both`)
  if (no !== undefined) return withTools('verify-evidence', (tools) => verifyLog(no, options, tools))
  if (pack === undefined)
    throw new SharpEyesError('bad_request', 'name the ZIP of a pack, or a case: --case 2026-000001')
  const verdict = await verifyPackFile(pack, options.key)
  process.stdout.write(options.json ? `${JSON.stringify(verdict)}\n` : `${linesOf(verdict).join('\n')}\n`)
  if (!verdict.intact) process.exitCode = 1
}

async function verifyLog(no: string, options: Options, tools: Tools): Promise<void> {
  const folder = await dataFolder(options.data)
  const key = await findAuditKey(folder, tools)
  if (!key)
    throw new SharpEyesError(
      'not_ready',
      `${folder.path}: has no audit key and AUDIT_KEY_FILE names none: signatures cannot be checked without it`,
    )
  const { database } = await openDatabase({ folder, tools, own: false })
  const deps = { database, verifier: key.verifier, folder: checkpointFolder(folder) }
  const report = await verifyCase(deps, no)
  if (!report.ok) process.exitCode = 1
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...report, key: key.text })}\n`)
    return
  }
  const marks = { ok: 'ok    ', note: 'note  ', fault: 'FAULT ' } as const
  for (const { level, text } of report.findings)
    process.stdout.write(`${marks[level]}${text}
`)
  const open = report.findings.some(({ level }) => level === 'note') ? ', but for the notes above' : ''
  process.stdout.write(
    report.ok
      ? `case ${no}: every entry is in the log as it was signed${open} (key ${key.text})\n`
      : `case ${no}: NOT as it was signed\n`,
  )
}

function caseNumber(text: string): string {
  if (!/^\d{4}-\d{6,}$/.test(text)) throw new InvalidArgumentError('a case number is like 2026-000001')
  return text
}
