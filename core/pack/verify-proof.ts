import {
  openCheckpoint,
  parseCheckpoint,
  parseVerifier,
  type VerifierKey,
  verifierText,
} from '../audit/checkpoint.ts'
import { type Hash, hashFromHex, hexOf } from '../audit/hash.ts'
import { leafIndex, leafOf } from '../audit/leaf.ts'
import { verifyInclusion } from '../audit/proof.ts'
import type { PackChange, PackProofs } from './documents.ts'
import { PACK_FILES, type PackManifest } from './manifest.ts'
import type { PackContents, Say } from './verify.ts'

/** The root that the key signed; null: nothing can be said. */
export function checkCheckpoint(
  { texts }: PackContents,
  trusted: VerifierKey | null,
  say: Say,
): Signed | null {
  const own = readKey(texts, say)
  const note = texts.get(PACK_FILES.checkpoint)
  if (note === undefined) return null
  const key = trusted ?? own
  if (!key) return null
  if (trusted && own && verifierText(own.name, own.key) !== verifierText(trusted.name, trusted.key))
    say('fault', PACK_FILES.key, 'other_key', `is ${own.name}, not the key that you trust (${trusted.name})`)
  const opened = openCheckpoint(note, key)
  if (!opened.ok) {
    const written = parseCheckpoint(note)
    const what = {
      malformed: 'is no checkpoint',
      wrong_origin: `is of the log ${written?.origin}; the key is that of ${key.name}`,
      no_signature: `is not signed by the key of ${key.name}`,
      wrong_signature: `has a wrong signature of ${key.name}`,
    }[opened.fault]
    say('fault', PACK_FILES.checkpoint, opened.fault, what)
    return null
  }
  const { size, root, at } = opened.checkpoint
  const when = at === null ? '' : ` at ${at}`
  say('ok', PACK_FILES.checkpoint, 'signed', `log ${key.name}, ${size} changes, signed${when}`)
  if (!trusted)
    say(
      'note',
      PACK_FILES.key,
      'own_key',
      "the signature was checked with the pack's own key: name the key of the log with --key to know whose it is",
    )
  return { size, root }
}

interface Signed {
  readonly size: number
  readonly root: Hash
}

/** One text for one key: what differs from it was changed. */
function readKey(texts: PackContents['texts'], say: Say): VerifierKey | null {
  const text = texts.get(PACK_FILES.key)
  if (text === undefined) return null
  const key = parseVerifier(text)
  if (key && `${verifierText(key.name, key.key)}\n` === text) return key
  say('fault', PACK_FILES.key, 'no_key', 'is no key of a log')
  return null
}

export function checkProofs(
  proofs: PackProofs,
  changes: readonly PackChange[] | null,
  { size, root }: Signed,
  say: Say,
): void {
  if (proofs.size !== size || proofs.root !== hexOf(root))
    say(
      'fault',
      PACK_FILES.proofs,
      'other_tree',
      `is about a tree of ${proofs.size} changes with the root ${proofs.root}; the checkpoint has ${size} and ${hexOf(root)}`,
    )
  const proven = (change: PackChange, path: readonly string[]): boolean =>
    verifyInclusion({
      index: leafIndex(change.pos),
      size,
      leaf: leafOf(change),
      root,
      path: path.flatMap((hash) => hashFromHex(hash) ?? []),
    })
  if (changes) {
    const paths = new Map(proofs.changes.map(({ pos, path }) => [pos, path]))
    if (paths.size !== proofs.changes.length)
      say('fault', PACK_FILES.proofs, 'proof_twice', 'has two proofs of one change')
    let good = 0
    for (const change of changes) {
      const path = paths.get(change.pos)
      const at = `change ${change.pos} (${change.topic} ${change.key})`
      paths.delete(change.pos)
      if (!path) say('fault', PACK_FILES.proofs, 'no_proof', `has no proof of ${at}`)
      else if (!proven(change, path))
        say(
          'fault',
          PACK_FILES.proofs,
          'wrong_proof',
          `does not prove ${at}: the change or its proof is another`,
        )
      else good += 1
    }
    for (const pos of paths.keys())
      say(
        'fault',
        PACK_FILES.proofs,
        'proof_of_nothing',
        `proves change ${pos}, which ${PACK_FILES.changes} does not have`,
      )
    if (good === changes.length)
      say('ok', PACK_FILES.changes, 'proven', `${good} changes are in the log of the checkpoint`)
  }
  if (!proven(proofs.export.change, proofs.export.path))
    say('fault', PACK_FILES.proofs, 'wrong_proof', 'does not prove the change that exported this pack')
}

/** The log knows which manifest was exported: whoever changes the manifest would have to change the log. */
export function checkExport(
  { export: { change } }: PackProofs,
  manifest: PackManifest,
  sha256: string,
  say: Say,
): void {
  const { exported } = change.payload as { exported?: { manifest?: unknown } }
  if (change.topic !== 'case' || change.key !== manifest.case.no || typeof exported?.manifest !== 'string')
    say('fault', PACK_FILES.proofs, 'no_export', `has no change that exported case ${manifest.case.no}`)
  else if (exported.manifest !== sha256)
    say(
      'fault',
      PACK_FILES.manifest,
      'wrong_hash',
      `has SHA-256 ${sha256}; the log says that ${exported.manifest} was exported: the manifest was changed`,
    )
  else
    say('ok', PACK_FILES.manifest, 'intact', `SHA-256 ${sha256}, as the log has it at change ${change.pos}`)
}
