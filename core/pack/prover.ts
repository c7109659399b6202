import type { Hash } from '../audit/hash.ts'

/** What the audit tree gives a pack: one signed checkpoint, and from each position the hashes to its root. */
export interface TreeProof {
  /** The signed note. */
  readonly checkpoint: string
  /** C2SP verifier key of the log. */
  readonly key: string
  /** Of the checkpoint's tree. */
  readonly size: number
  readonly root: Hash
  /** By position. */
  readonly paths: ReadonlyMap<string, readonly Hash[]>
}

export interface PackProver {
  /** Null: no checkpoint covers all positions yet. Positions are decimal texts, from "1". */
  prove(positions: readonly string[]): Promise<TreeProof | null>
}
