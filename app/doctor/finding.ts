import { within } from '../../adapters/kafka/deadline.ts'
import { redactText } from '../../adapters/log-redact.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'

/** `warn`: it works, and somebody should look. `fail`: it does not work. */
export type Grade = 'ok' | 'warn' | 'fail'
export interface Finding {
  readonly name: string
  readonly grade: Grade
  readonly detail: string
}

export const finding = (name: string, grade: Grade, detail: string): Finding => ({ name, grade, detail })

/** Nothing that is asked may keep the doctor waiting longer. */
const LIMIT_MS = 20_000

/** A check that throws, or does not answer, is a failure with its message; no detail has a secret. */
export async function check(
  name: string,
  clock: Clock,
  work: () => Promise<Finding | readonly Finding[]>,
  limitMs = LIMIT_MS,
): Promise<readonly Finding[]> {
  try {
    const found = [await within(clock, limitMs, name, work())].flat()
    return found.map((each) => ({ ...each, detail: redactText(each.detail) }))
  } catch (error) {
    return [finding(name, 'fail', redactText(toSharpEyesError(error).message))]
  }
}

const SKEW_WARN_MS = 2_000
const SKEW_FAIL_MS = 60_000

/** A clock beside ours. `error`: how wrong the measurement may be, ms. */
export function clockFinding(name: string, other: string, ms: number, error: number): Finding {
  const far = Math.max(0, Math.abs(ms) - error)
  const detail = `${other} is ${Math.round(Math.abs(ms))} ms ${ms < 0 ? 'behind' : 'ahead'} (± ${Math.round(error)} ms)`
  if (far <= SKEW_WARN_MS) return finding(name, 'ok', detail)
  const way = `${detail}: let NTP set both clocks, times of pictures and deadlines are wrong by as much`
  return finding(name, far > SKEW_FAIL_MS ? 'fail' : 'warn', way)
}
