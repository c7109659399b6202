import type { Actor } from '../actor.ts'
import type { PhotoFacts } from '../api/field.ts'
import type { CaseCommand, FileCase, RawInput } from '../case/command.ts'
import type { Remark } from '../case/remark.ts'
import type { CaseState } from '../case/words.ts'
import type { EpochMs, Sha256 } from '../units.ts'

export interface AlertCommands {
  acknowledge(alertId: string, actor: Actor): Promise<void>
  verdict(
    alertId: string,
    input: { verdict: 'confirmed' | 'rejected'; reason?: string | undefined; note?: string | undefined },
    actor: Actor,
  ): Promise<void>
  /** Within `UNDO_MS`, by the one who gave it: nothing about it leaves. */
  undoVerdict(alertId: string, actor: Actor): Promise<void>
  /** Later, with a reason: what was sent about it is corrected. */
  withdrawVerdict(alertId: string, input: { reason?: string | undefined }, actor: Actor): Promise<void>
  /** Out of "to verify" until then, for at most `MAX_MUTE_MS`. */
  mute(alertId: string, input: { until: EpochMs; reason?: string | undefined }, actor: Actor): Promise<void>
  unmute(alertId: string, actor: Actor): Promise<void>
}

export interface CaseResult {
  readonly no: string
  readonly state: CaseState
  readonly version: number
}

/** A call that may come again: with one key of one person the effect happens once (`Idempotency-Key`). */
export interface Once {
  readonly key: string
  /** SHA-256 of what is asked: another request under the same key is refused. */
  readonly request: Sha256
}

/** An uploaded picture; its bytes are in the evidence store already. */
export interface NewAttachment {
  readonly sha256: Sha256
  readonly bytes: number
  readonly mediaType: string
  readonly name: string
  readonly capturedAt: EpochMs | null
  /** Before or after the work 处置前 / 处置后; null or absent: not said. */
  readonly phase?: PhotoFacts['phase']
  /** Where the camera says it was taken, degrees WGS-84. */
  readonly place?: PhotoFacts['place']
}

export interface AttachResult {
  readonly id: string
  readonly sha256: Sha256
}

/**
 * The only writer of case tables: called by people's routes and by timers. Routes hand the body over as it came
 * (`RawInput`): content is checked here, after rights and version.
 */
export interface CaseCommands {
  file(input: FileCase | RawInput, actor: Actor): Promise<CaseResult>
  /** With `once` of an earlier call: its answer, and no second effect. Throws `key_reused`. */
  execute(no: string, command: CaseCommand | RawInput, actor: Actor, once?: Once): Promise<CaseResult>
  /** Adds an uploaded picture. */
  attach(no: string, attachment: NewAttachment, actor: Actor, once?: Once): Promise<AttachResult>
  /** Adds a remark to the log; moves nothing. */
  remark(no: string, remark: Remark | RawInput, actor: Actor, once?: Once): Promise<CaseResult>
  /** What an attaching call with this key was answered; null: none was accepted. Throws `key_reused`. */
  attached(once: Once, actor: Actor): Promise<AttachResult | null>
}
