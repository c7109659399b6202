import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { findPeople, type PersonActor } from './people.ts'
import { isAlive, type Login, mustChange, sameRights } from './session.ts'

/** How long an open stream may outlive a session that ended elsewhere, or rights that were taken. */
const CHECK_MS = 5_000

export interface Watched {
  readonly sid: string
  readonly login: Login
  /** The rights that the stream was opened with. */
  readonly actor: PersonActor
  onEnd(reason: string): void
}

/**
 * Ends what outlives a request (change streams, live video) when its session does. A log-out in this process ends it
 * at once; log-outs elsewhere, expiry, a new password and changed rights within five seconds, by one query for all.
 */
export interface SessionWatch {
  add(watched: Watched): Disposable
  ended(sid: string): void
  close(): Promise<void>
}

export function createSessionWatch(deps: { database: Database; clock: Clock; log: Log }): SessionWatch {
  const { database, clock, log } = deps
  const open = new Set<Watched>()
  const stop = new AbortController()

  const end = (watched: Watched, reason: string) => {
    if (open.delete(watched)) watched.onEnd(reason)
  }
  const runOnce = async (): Promise<void> => {
    if (open.size === 0) return
    const all = [...open]
    const { rows } = await database.query<{ sid: string }>(
      'select sid from sessions where sid = any($1) and expire > now()',
      [[...new Set(all.map((w) => w.sid))]],
    )
    const alive = new Set(rows.map((row) => row.sid))
    const people = await findPeople(database, [...new Set(all.map((w) => w.login.name))])
    for (const watched of all) {
      const person = people.get(watched.login.name)
      if (!alive.has(watched.sid) || !person || !isAlive(watched.login, person, clock.now())) {
        end(watched, 'the session has ended')
      } else if (!sameRights(watched.actor, person.actor) || mustChange(watched.login, person)) {
        end(watched, 'your rights have changed')
      }
    }
  }
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await clock.sleep(CHECK_MS, stop.signal)
        await runOnce()
      } catch (error) {
        if (stop.signal.aborted) return
        // The database is away: whoever looked may go on looking until it can be asked again.
        log.warn({ error: error instanceof Error ? error.message : String(error) }, 'sessions not checked')
      }
    }
  }
  const running = run()
  return {
    add(watched) {
      open.add(watched)
      return { [Symbol.dispose]: () => void open.delete(watched) }
    },
    ended(sid) {
      for (const watched of [...open]) if (watched.sid === sid) end(watched, 'logged out')
    },
    async close() {
      stop.abort()
      await running
      for (const watched of [...open]) end(watched, 'the server stops')
    },
  }
}
