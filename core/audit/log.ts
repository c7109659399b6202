import type { AuditedChange } from './leaf.ts'

export interface AuditCheckpoint {
  /** Entries. */
  readonly size: number
  readonly origin: string
  /** Hex. */
  readonly root: string
  readonly at: Date
  /** The signed note. */
  readonly note: string
}

/** What a check of the tree found wrong; `pos` or `size` say where. */
export interface AuditFinding {
  readonly code:
    | 'checkpoint_forged'
    | 'checkpoints_unreadable'
    | 'truncated'
    | 'root_differs'
    | 'node_missing'
    | 'row_missing'
    | 'row_changed'
  readonly pos: string | null
  readonly size: number | null
  readonly detail: string
}

export interface AuditHead {
  /** Entries of the tree, and of the log. */
  readonly size: number
  readonly pos: number
  /** Hex; null: a node is missing. */
  readonly root: string | null
  /** `unchecked`: no check has run yet. `behind`: entries wait for their leaves. */
  readonly state: 'whole' | 'behind' | 'unchecked' | 'broken'
  readonly findings: readonly AuditFinding[]
  readonly checkedAt: Date | null
  /** The newest. */
  readonly checkpoint: AuditCheckpoint | null
}

/** The port of the audit tree, implemented in alerts/: proofs about the change log. Position p is leaf p − 1. Hashes are hex. */
export interface AuditLog {
  /** C2SP verifier key of the checkpoints; null: not known to this process. */
  readonly verifier: string | null
  head(): Promise<AuditHead>
  /** The newest checkpoint of at least `reach` entries; null: none yet. */
  checkpoint(reach?: number): Promise<AuditCheckpoint | null>
  /** Newest first, at most 200; `before`: smaller ones than that. */
  checkpoints(page: { before?: number; limit: number }): Promise<readonly AuditCheckpoint[]>
  /** That position `pos` is in the first `size` entries. Throws `not_found`. */
  inclusion(
    pos: string,
    size: number,
  ): Promise<{ pos: string; size: number; leaf: string; path: readonly string[] }>
  /** That the first `from` of `to` entries are those of the tree of `from`. */
  consistency(from: number, to: number): Promise<{ from: number; to: number; path: readonly string[] }>
  /** Null: it is not there (any more). */
  change(pos: string): Promise<AuditedChange | null>
  /** Every positioned change of these objects, in order. */
  changes(matters: readonly { topic: string; key: string }[]): Promise<readonly AuditedChange[]>
}
