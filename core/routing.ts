import type { Actor } from './actor.ts'
import type { DurationMs } from './units.ts'

/** What one recipient of a channel answered to a test message. */
export interface ChannelTrial {
  /** Its place in the department's list, no address: `ecology/1`. */
  readonly recipient: string
  readonly delivered: boolean
  /** The channel's own answer, for example `http_200` or `smtp_250`. */
  readonly code: string
  readonly error: string | null
  readonly tookMs: DurationMs
}

export interface ChannelTrials {
  /**
   * Sends a message that says it is a test to every recipient of the `place`th channel (from 0) of a department, now and
   * once. Only an admin may (`forbidden`); again within 10 s is `too_many_requests`.
   */
  test(department: string, place: number, actor: Actor): Promise<readonly ChannelTrial[]>
}
