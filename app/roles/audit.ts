import { checkTree } from '../../alerts/audit/check.ts'
import { checkpointOnce, copyToSecond } from '../../alerts/audit/checkpoints.ts'
import { CHECKPOINT_WANTED } from '../../alerts/audit/prover.ts'
import type { AuditFinding } from '../../core/audit/log.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { AuditKey } from '../audit.ts'
import { cityTime, cityTimezone } from './nightly.ts'

const LOOK_MS = 15_000
const HOUR_OF_NIGHT = 4
/** At the start; at night everything. */
const QUICK = { checkpoints: 100, leaves: 2_000 }
const FULL = { checkpoints: Number.MAX_SAFE_INTEGER, leaves: Number.MAX_SAFE_INTEGER }

/** Checkpoints while the log grows, and checks of the tree at the start and every night, until the signal. */
export async function runAudit(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly key: AuditKey
  readonly folder: string
  readonly secondFolder: string | null
  readonly minutes: number
  readonly signal: AbortSignal
}): Promise<void> {
  const { database, clock, log, folder, secondFolder, minutes, signal } = deps
  const { key, origin, verifier } = deps.key
  const checkpoints = { database, clock, log, key, origin, folder, secondFolder }
  const check = async (most: typeof QUICK) => {
    const findings = await checkTree({ database, clock, verifier, folder }, most, signal)
    if (findings.length > 0)
      log.error({ findings: findings.map(told) }, 'the audit log is not as it was signed')
  }
  let checked = false
  let lastNight = ''
  let copied = false
  let wanted = Promise.withResolvers<void>()
  let asked = false
  let listener: AsyncDisposable | null = null
  while (!signal.aborted) {
    try {
      listener ??= await database.listen(CHECKPOINT_WANTED, () => {
        asked = true
        wanted.resolve()
      })
      if (!checked) await check(QUICK)
      checked = true
      const everyMs = asked ? 0 : minutes * 60_000
      asked = false // what is asked from here on wakes the next round
      const made = await checkpointOnce(checkpoints, everyMs)
      if (made || !copied) copied = await copyToSecond(checkpoints)
      const { day, hour } = cityTime(clock.now(), await cityTimezone(database))
      if (hour === HOUR_OF_NIGHT && day !== lastNight) {
        await check(FULL)
        lastNight = day
      }
    } catch (error) {
      if (!signal.aborted)
        log.error({ error: toSharpEyesError(error).message }, 'no checkpoint of the audit log: tried again')
    }
    const timer = new AbortController()
    const floor = clock.sleep(LOOK_MS, AbortSignal.any([signal, timer.signal])).catch(() => undefined)
    await Promise.race([wanted.promise, floor])
    timer.abort()
    wanted = Promise.withResolvers<void>()
  }
  await listener?.[Symbol.asyncDispose]()
}

const told = ({ code, pos, size, detail }: AuditFinding): string =>
  `${code}${pos === null ? '' : ` at ${pos}`}${size === null ? '' : ` of ${size}`}: ${detail}`
