import { v5 as uuidv5 } from 'uuid'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { JobSender } from '../../alerts/jobs/queues.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import { createAlertHooks } from '../../alerts/routing/hooks.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { type HazardEvent, toMessage } from '../../core/event.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import { createStillMaker } from '../worker/stills.ts'
import { runCase } from './case.ts'
import { OPERATOR } from './people.ts'
import { drawMoment } from './scenes.ts'
import { type SeedAlert, STORY, THRESHOLDS } from './story.ts'

/** Namespace of the seeded events' ids: the same story gives the same ids, so that seeding twice is seeding once. */
const NAMESPACE = '5b0c3b0e-6d0e-4d52-9c1c-0c8a5a1f7f11'
/** Any lease that a worker gets is newer, so it may adopt what is still open. */
const EPOCH = 0
const MINUTE_MS = 60_000
/** People look at an alert and judge it after so long. */
const JUDGED_AFTER_MS = 2 * MINUTE_MS

export interface SeedDeps {
  readonly database: Database
  readonly store: EvidenceStore
  readonly jobs: JobSender
  readonly mediaTools: MediaTools
  /** The configured sample cameras. */
  readonly cameras: readonly CameraConfig[]
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly publicUrl: string
}

/**
 * Fills a development database through the ways that real events and real people take: hazard messages into the inbox,
 * stills through masking into the evidence store, commands of people. What is there already stays as it is.
 */
export async function seed(deps: SeedDeps): Promise<{ readonly alerts: number; readonly cases: number }> {
  const { database, jobs, metrics, log, publicUrl, mediaTools, store } = deps
  const now = deps.clock.now()
  const story = { at: now }
  const clock: Clock = { now: () => story.at, sleep: (ms, signal) => deps.clock.sleep(ms, signal) }
  const minutesAgo = (minutes: number) => now - minutes * MINUTE_MS

  const routing = { clock, jobs, metrics, publicUrl, channelKinds: ['webhook'] }
  const hooks = createAlertHooks(routing)
  const inbox = createInbox({ database, clock, log, metrics, onTransition: hooks.onTransition })
  const alertCommands = createAlertCommands({ database, clock, metrics, hooks })
  const caseCommands = createCaseCommands({ ...routing, database, log })
  const masker = createMasker({ finder: null, mediaTools, log })
  await ensurePartitions(database, now)

  /** The event as the worker would publish it, its still durable. */
  const publish = async (alert: SeedAlert, id: string): Promise<void> => {
    const startedAt = minutesAgo(alert.minutesAgo)
    const camera = deps.cameras.find((one) => one.id === alert.scene.camera)
    if (!camera) throw new TypeError(`the story names camera ${alert.scene.camera}, which is not configured`)
    const event = eventOf(alert, id, startedAt)
    const picture = await drawMoment(alert.scene, startedAt)
    const source = {
      still: () => Promise.resolve(picture),
      pin: () => Promise.resolve(),
      unpin: () => Promise.resolve(),
      pinned: () => Promise.resolve([]),
      clip: () => Promise.resolve(null),
    }
    // Its limit on time is a worker's: the real clock.
    const stills = createStillMaker({ source, store, masker, clock: deps.clock, log, metrics })
    story.at = startedAt
    await inbox.receive([message({ ...event, still: await stills.take(event, camera) }, 'start', startedAt)])
  }
  const end = async (alert: SeedAlert, state: HazardEvent): Promise<void> => {
    if (alert.lastsMinutes === null) return
    const endedAt = state.startedAt + alert.lastsMinutes * MINUTE_MS
    story.at = endedAt
    const ended = { ...state, lastSeenAt: endedAt, endedAt, endReason: 'no longer seen' }
    await inbox.receive([message(ended, 'end', endedAt)])
  }
  const judge = async (alert: SeedAlert, row: StoredAlert): Promise<void> => {
    const { verdict } = alert
    story.at = minutesAgo(alert.minutesAgo) + JUDGED_AFTER_MS
    if (verdict === undefined) return
    if (verdict === 'acknowledged') return alertCommands.acknowledge(row.id, OPERATOR)
    // A verdict that somebody gave meanwhile is theirs.
    if (row.verdict !== null) return
    const input =
      verdict === 'confirmed' ? ({ verdict } as const) : ({ verdict: 'rejected', reason: verdict } as const)
    await alertCommands.verdict(row.id, input, OPERATOR)
  }

  // In the order in which things happened: of two alerts of one matter the first must be over when the second opens.
  for (const alert of STORY.toSorted((a, b) => b.minutesAgo - a.minutesAgo)) {
    const id = uuidv5(alert.key, NAMESPACE)
    if (!(await storedAlert(database, id))) await publish(alert, id)
    const opened = await mustBeStored(database, id)
    if (!opened.ended) await end(alert, opened.event)
    await judge(alert, await mustBeStored(database, id))
    if (!alert.case) continue
    await runCase({
      ...{ database, caseCommands, store, story: alert.case, alertId: opened.id, scene: alert.scene },
      at(minutes) {
        story.at = minutesAgo(minutes)
        return story.at
      },
    })
  }
  return counted(database)
}

const eventOf = (alert: SeedAlert, id: string, startedAt: number): HazardEvent => ({
  ...{ id, type: alert.type, zone: alert.zone, severity: alert.severity, box: alert.box },
  source: { kind: 'camera', id: alert.scene.camera },
  rule: { id: alert.rule, version: `${alert.type}/1` },
  ...{ since: startedAt - 20_000, startedAt, lastSeenAt: startedAt, endedAt: null, endReason: null },
  clock: { kind: 'arrival', errorMs: 200 },
  ...{ score: alert.score, peakScore: alert.score, detections: [], measured: alert.measured },
  ...{ thresholds: THRESHOLDS[alert.type] ?? {}, model: null, still: null },
})

const message = (event: HazardEvent, kind: 'start' | 'end', at: number) =>
  toMessage(event, { kind, epoch: EPOCH, seq: kind === 'start' ? 1 : 2, worker: 'seed', at })

interface StoredAlert {
  readonly id: string
  readonly verdict: string | null
  readonly ended: boolean
  readonly event: HazardEvent
}

async function storedAlert(database: Database, eventId: string): Promise<StoredAlert | undefined> {
  const { rows } = await database.query<StoredAlert>(
    `select a.id, a.verdict, e.ended, e.state as event
       from event_state e join alerts a on a.id = e.alert_id where e.event_id = $1`,
    [eventId],
  )
  return rows[0]
}

async function mustBeStored(database: Database, eventId: string): Promise<StoredAlert> {
  const row = await storedAlert(database, eventId)
  if (!row) throw new Error(`the inbox refused the seeded event ${eventId}; dead_letters says why`)
  return row
}

async function counted(database: Database): Promise<{ alerts: number; cases: number }> {
  const { rows } = await database.query<{ alerts: number; cases: number }>(
    'select (select count(*) from alerts)::int as alerts, (select count(*) from cases)::int as cases',
  )
  return rows[0] ?? { alerts: 0, cases: 0 }
}
