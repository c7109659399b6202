import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type Hash, sameHash } from './hash.ts'

/**
 * Checkpoints as C2SP writes them (tlog-checkpoint in a signed-note): origin, size and root as lines, an empty line, and
 * a line `— <name> <base64 of key id ‖ Ed25519 signature>`. The time is an extension line, signed like the rest.
 */
export interface Checkpoint {
  /** Which log: without white space and "+". Also the name of the key. */
  readonly origin: string
  /** Leaves. */
  readonly size: number
  readonly root: Hash
  /** `2026-11-26T02:00:00.000Z`; null: the note says none. */
  readonly at: string | null
}

export type CheckpointFault = 'malformed' | 'wrong_origin' | 'no_signature' | 'wrong_signature'

export type OpenedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly fault: CheckpointFault }

/** What a verifier needs: C2SP "verifier key", `<name>+<key id in hex>+<base64 of 0x01 ‖ public key>`. */
export interface VerifierKey {
  readonly name: string
  readonly id: Uint8Array
  readonly key: KeyObject
}

const ED25519 = 1
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex')
const NAME = /^[^\s+]{1,200}$/

/** Body without signatures; ends with a line feed. */
export function checkpointBody({ origin, size, root, at }: Checkpoint): string {
  const lines = [origin, String(size), Buffer.from(root).toString('base64')]
  return `${[...lines, ...(at === null ? [] : [`time ${at}`])].join('\n')}\n`
}

/** The whole note; ends with a line feed. `privateKey`: Ed25519. Throws TypeError on an origin that is no name. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  if (!NAME.test(checkpoint.origin)) throw new TypeError(`origin "${checkpoint.origin}" is no key name`)
  const body = checkpointBody(checkpoint)
  const id = keyId(checkpoint.origin, rawPublicKey(privateKey))
  const signature = Buffer.concat([id, sign(null, Buffer.from(body), privateKey)])
  return `${body}\n— ${checkpoint.origin} ${signature.toString('base64')}\n`
}

/** Parses without looking at signatures; null: it is no checkpoint. */
export function parseCheckpoint(note: string): Checkpoint | null {
  const end = note.indexOf('\n\n')
  if (end < 0) return null
  const [origin = '', size = '', root = '', ...extensions] = note.slice(0, end).split('\n')
  const hash = strictBase64(root)
  if (!NAME.test(origin) || !/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    return null
  if (hash?.length !== 32) return null
  const time = extensions.find((line) => line.startsWith('time '))
  return { origin, size: Number(size), root: hash, at: time?.slice('time '.length) ?? null }
}

/** Parses a note and checks that the key signed exactly these bytes. Signatures of others are passed over. Never throws. */
export function openCheckpoint(note: string, verifier: VerifierKey): OpenedCheckpoint {
  const checkpoint = parseCheckpoint(note)
  if (!checkpoint) return { ok: false, fault: 'malformed' }
  if (checkpoint.origin !== verifier.name) return { ok: false, fault: 'wrong_origin' }
  const end = note.indexOf('\n\n')
  const body = Buffer.from(note.slice(0, end + 1))
  const lines = note.slice(end + 2).split('\n')
  if (lines.pop() !== '') return { ok: false, fault: 'malformed' }
  const signatures = lines.map((line) => /^— (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line))
  if (signatures.includes(null)) return { ok: false, fault: 'malformed' }
  const blobs = signatures
    .filter((match) => match?.[1] === verifier.name)
    .map((match) => strictBase64(match?.[2] ?? ''))
    .filter((blob) => blob === null || sameHash(blob.subarray(0, 4), verifier.id))
  if (blobs.length === 0) return { ok: false, fault: 'no_signature' }
  const good = blobs.every(
    (blob) => blob?.length === 68 && verify(null, body, verifier.key, blob.subarray(4)),
  )
  return good ? { ok: true, checkpoint } : { ok: false, fault: 'wrong_signature' }
}

/** C2SP text of the public half, to give away. `key`: Ed25519, private or public. */
export function verifierText(name: string, key: KeyObject): string {
  const raw = rawPublicKey(key)
  const id = Buffer.from(keyId(name, raw)).toString('hex')
  return `${name}+${id}+${Buffer.concat([Uint8Array.of(ED25519), raw]).toString('base64')}`
}

/** Null: the text is no verifier key, or its id is not that of its key. */
export function parseVerifier(text: string): VerifierKey | null {
  const match = /^([^\s+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim())
  if (!match) return null
  const [, name = '', id = '', base64 = ''] = match
  const typed = Buffer.from(base64, 'base64')
  if (typed.length !== 33 || typed[0] !== ED25519) return null
  const raw = typed.subarray(1)
  if (Buffer.from(keyId(name, raw)).toString('hex') !== id) return null
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' })
  return { name, id: keyId(name, raw), key }
}

/** Null: not the one text of some bytes. */
function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

/** First four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key). */
function keyId(name: string, raw: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(ED25519)).update(raw)
  return hash.digest().subarray(0, 4)
}

/** 32 bytes. Throws TypeError on a key of another kind. */
function rawPublicKey(key: KeyObject): Uint8Array {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('the key is no Ed25519 key')
  const open = key.type === 'private' ? createPublicKey(key) : key
  return open.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length)
}
