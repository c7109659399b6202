import { readFile, stat } from 'node:fs/promises'
import { parseVerifier, type VerifierKey } from '../../core/audit/checkpoint.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { type Finding, verifyPack } from '../../core/pack/verify.ts'
import { createProgress } from '../progress.ts'
import { readZip } from './read-zip.ts'

export interface PackVerdict {
  readonly pack: string
  readonly intact: boolean
  readonly case: string | null
  /** To compare with the case's log, or a printed sheet. */
  readonly manifestSha256: string | null
  readonly findings: readonly Finding[]
}

/** Checks a pack offline: no database, no network. Throws `bad_request` on a file or key that cannot be read. */
export async function verifyPackFile(path: string, keyFile?: string): Promise<PackVerdict> {
  const facts = await stat(path).catch(() => null)
  if (!facts?.isFile()) throw new SharpEyesError('bad_request', `PACK ${path}: there is no such file`)
  const trusted = keyFile === undefined ? null : await readKey(keyFile)
  const progress = createProgress(facts.size, 'checking')
  try {
    const { contents, faults } = await readZip(path, undefined, (done) => progress.at(done))
    const { findings, manifest, manifestSha256 } = verifyPack(contents, trusted)
    const all = [...faults, ...findings]
    return {
      pack: path,
      intact: all.every(({ level }) => level !== 'fault'),
      case: manifest?.case.no ?? null,
      manifestSha256,
      findings: all,
    }
  } finally {
    progress.end()
  }
}

async function readKey(file: string): Promise<VerifierKey> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SharpEyesError('bad_request', `--key ${file}: cannot be read`, { cause })
  })
  const key = parseVerifier(text)
  if (key) return key
  throw new SharpEyesError(
    'bad_request',
    `--key ${file}: is no key of a log; it has one line NAME+ID+BASE64, as log-key.txt of a pack`,
  )
}

/** One line a finding. */
export function linesOf({
  pack,
  intact,
  case: no,
  manifestSha256,
  findings,
}: PackVerdict): readonly string[] {
  const marks = { ok: 'ok    ', fault: 'FAULT ', note: 'note  ' } as const
  const faults = findings.filter(({ level }) => level === 'fault').length
  return [
    ...findings.map(({ level, file, text }) => `${marks[level]}${file ?? 'pack'}: ${text}`),
    intact
      ? `intact: case ${no}, manifest ${manifestSha256}`
      : `NOT intact: ${pack} has ${faults === 1 ? 'one fault' : `${faults} faults`}`,
  ]
}
