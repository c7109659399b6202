import type { CaseItem, Session } from '../../api/types.ts'

/** What a phone keeps until the server has it. */

export type WorkKind = 'accept' | 'report' | 'verify'
export type Phase = 'before' | 'after'

/** Why it was not taken: what `ApiError` says, as plain data. */
export interface KeptProblem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly number: string | null
  /** Facts for the words of the page; work that was kept by an older page has none. */
  readonly details?: Readonly<Record<string, unknown>> | null
}

/**
 * One task's work on this phone, from the first word typed to the server's answer. `draft`: being written; `waiting`:
 * goes out as soon as it can; `conflict`: somebody else was faster; `refused`: the server says why it cannot be taken.
 */
export interface Work {
  /** UUID, also the Idempotency-Key of its command: another content gets another one. */
  readonly id: string
  readonly person: string
  readonly no: string
  readonly kind: WorkKind
  /** Of the case, as its writer saw it. */
  readonly version: number
  readonly note: string
  readonly passed: boolean | null
  readonly matter: Pick<CaseItem, 'type' | 'severity' | 'place' | 'cameraName'>
  readonly state: 'draft' | 'waiting' | 'conflict' | 'refused'
  /** Goes as a remark: somebody else was faster, and what was seen stays true. */
  readonly asRemark: boolean
  /** The camera was opened for this; null: it is closed. Found in a draft: the page was ended meanwhile. */
  readonly capturing: Phase | null
  readonly problem: KeptProblem | null
  readonly tries: number
  /** Epoch ms of this phone: not before. */
  readonly nextAt: number
  readonly changedAt: number
}

export interface Photo {
  /** UUID, also the Idempotency-Key of its attachment. */
  readonly id: string
  readonly work: string
  readonly phase: Phase
  readonly name: string
  readonly blob: Blob
  /** ISO 8601 and degrees WGS-84, as the camera wrote them; null: it did not. */
  readonly takenAt: string | null
  readonly place: { readonly lon: number; readonly lat: number } | null
  /** Address of the upload in pieces, when one was begun. */
  readonly upload: string | null
  /** All pieces have arrived. */
  readonly uploaded: boolean
  /** Goes in one piece, because pieces did not find their process again. */
  readonly onePiece: boolean
  /** Id of the attachment; null: the server does not have it yet. */
  readonly attachment: string | null
}

/** The tasks as they were read last, for reading without a network. Forgotten at log-out. */
export interface KeptTasks {
  readonly person: string
  readonly items: readonly CaseItem[]
  readonly at: string
}

/** Who was logged in last on this phone. Forgotten at log-out. */
export interface KeptPerson {
  readonly key: 'last'
  readonly session: Session
}
