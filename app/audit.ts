import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseVerifier, type VerifierKey, verifierText } from '../core/audit/checkpoint.ts'
import { SharpEyesError } from '../core/errors.ts'
import { type DataFolder, writePrivate } from './data-folder.ts'
import type { Tools } from './tools.ts'

/** Signs the checkpoints of this site. */
export interface AuditKey {
  readonly key: KeyObject
  /** `sharp-eyes/<8 hex digits of the public key's hash>`: another key is another log. */
  readonly origin: string
  /** C2SP text of the public half. */
  readonly text: string
  readonly verifier: VerifierKey
}

export const auditKeyFile = (folder: DataFolder): string => join(folder.path, 'audit-key.pem')
export const checkpointFolder = (folder: DataFolder): string => join(folder.path, 'checkpoints')

/** AUDIT_KEY_FILE, else the one of the data folder, which is made when it is missing. */
async function openAuditKey(folder: DataFolder, tools: Pick<Tools, 'settings'>): Promise<AuditKey> {
  const found = await findAuditKey(folder, tools)
  if (found) return found
  const { privateKey } = generateKeyPairSync('ed25519')
  await writePrivate(auditKeyFile(folder), privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
  return withKey(privateKey)
}

/** As `openAuditKey`, but makes none; null: this process cannot check signatures. */
export async function findAuditKey(
  folder: DataFolder,
  tools: Pick<Tools, 'settings'>,
): Promise<AuditKey | null> {
  const { key } = (await tools.settings()).audit
  if (key !== null) return withKey(readKey(key, 'AUDIT_KEY_FILE'))
  const file = auditKeyFile(folder)
  return existsSync(file) ? withKey(readKey(await readFile(file, 'utf8'), file)) : null
}

/** What the checkpoints of a running site need. */
export interface OpenAudit {
  readonly key: AuditKey
  readonly folder: string
  readonly secondFolder: string | null
  readonly minutes: number
}

export async function openAudit(folder: DataFolder, tools: Pick<Tools, 'settings'>): Promise<OpenAudit> {
  const { folder: secondFolder, minutes } = (await tools.settings()).audit
  return { key: await openAuditKey(folder, tools), folder: checkpointFolder(folder), secondFolder, minutes }
}

function readKey(pem: string, name: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // The reason could quote the key.
  }
  throw new SharpEyesError(
    'config_invalid',
    `${name}: holds no Ed25519 private key (PEM); "openssl genpkey -algorithm ed25519" makes one`,
  )
}

function withKey(key: KeyObject): AuditKey {
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const origin = `sharp-eyes/${createHash('sha256').update(raw).digest('hex').slice(0, 8)}`
  const text = verifierText(origin, key)
  const verifier = parseVerifier(text)
  if (!verifier) throw new SharpEyesError('internal', 'the verifier key that was made cannot be read')
  return { key, origin, text, verifier }
}
