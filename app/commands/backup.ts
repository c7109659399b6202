import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { exportDatabase } from '../../adapters/postgres/backup.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { saveAudit } from '../backup/audit.ts'
import { saveEvidence } from '../backup/evidence.ts'
import { EVIDENCE, MANIFEST, type Manifest, sha256Of, TABLES } from '../backup/manifest.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { openEvidenceStore } from '../evidence.ts'
import { type Tools, withTools } from '../tools.ts'
import { VERSION } from '../version.ts'

interface Options {
  readonly to: string
  readonly data?: string
  readonly evidence: boolean
  readonly json?: boolean
}

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('a safety copy of database and evidence into a folder, while the program runs')
    .requiredOption('--to <dir>', 'a new or empty folder')
    .option('--data <dir>', 'data folder')
    .option('--no-evidence', 'the database alone')
    .option('--json', 'one JSON object')
    .action((options: Options) => withTools('backup', (tools) => backUp(options, tools)))
}

async function backUp(options: Options, tools: Tools): Promise<void> {
  const folder = resolve(options.to)
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new SharpEyesError('bad_request', `--to ${folder}: is not empty; name a new folder`)
  // Passwords' hashes and people's names are in it.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const data = await dataFolder(options.data)
  const { database } = await openDatabase({ folder: data, tools, own: false })
  const say = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  }
  // Before the snapshot: no checkpoint of the copy knows more than its log.
  await saveAudit(data, folder)
  const tables = join(folder, TABLES)
  const exported = await exportDatabase(database.pool, tables, say)
  say('evidence')
  const { store, kind } = await openEvidenceStore(data, tools)
  const evidence: Manifest['evidence'] = !options.evidence
    ? { kind: 'left_out', files: 0, bytes: 0, missing: [] }
    : kind === 's3'
      ? { kind: 'elsewhere', files: 0, bytes: 0, missing: [] }
      : // After the snapshot: what its rows name is there unless retention deleted it meanwhile.
        { kind: 'copied', ...copied(await saveEvidence(database, store, join(folder, EVIDENCE))) }
  const hashes: Record<string, string> = {}
  for (const name of (await readdir(tables)).sort())
    hashes[`${TABLES}/${name}`] = await sha256Of(join(tables, name))
  const manifest: Manifest = {
    format: 1,
    version: VERSION,
    database: { ...exported, ...lists(exported) },
    evidence,
    hashes,
  }
  const file = join(folder, MANIFEST)
  await writeFile(`${file}.half`, `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600, flush: true })
  await rename(`${file}.half`, file)
  say('')
  const rows = exported.tables.reduce((sum, table) => sum + table.rows, 0)
  if (options.json) process.stdout.write(`${JSON.stringify({ folder, rows, evidence })}\n`)
  else
    process.stdout.write(
      `${folder}: ${exported.tables.length} tables, ${rows} rows; evidence: ${describe(evidence)}\n`,
    )
}

const copied = (found: { files: number; bytes: number; missing: readonly string[] }) => ({
  ...found,
  missing: [...found.missing],
})
const lists = (found: Awaited<ReturnType<typeof exportDatabase>>): Manifest['database'] => ({
  migrations: [...found.migrations],
  jobs: found.jobs,
  at: found.at,
  tables: found.tables.map((table) => ({
    ...table,
    schema: table.schema === 'jobs' ? 'jobs' : 'public',
    columns: [...table.columns],
  })),
  partitions: [...found.partitions],
})

function describe({ kind, files, bytes, missing }: Manifest['evidence']): string {
  switch (kind) {
    case 'left_out':
      return 'left out (--no-evidence)'
    case 'elsewhere':
      return 'in the object store; make a safety copy of the bucket'
    case 'copied':
      return `${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB${missing.length > 0 ? `, ${missing.length} missing` : ''}`
  }
}
