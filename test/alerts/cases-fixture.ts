import { randomUUID } from 'node:crypto'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createCaseCommands } from '../../alerts/cases/commands.ts'
import { createJobHandlers } from '../../alerts/deadlines/handlers.ts'
import type { JobQueue, JobQueues, JobSender } from '../../alerts/jobs/queues.ts'
import { createAlertHooks } from '../../alerts/routing/hooks.ts'
import { parseCity } from '../../core/config/parse.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CaseCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import { person } from '../core/case-fixture.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase } from '../support/postgres.ts'

export const WHSEC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export const STAFF = {
  operator: person('centre.duty', ['operator']),
  lead: person('ecology.duty', ['officer'], 'ecology'),
  assist: person('market.duty', ['officer'], 'market'),
  foreign: person('water.duty', ['officer'], 'water'),
  verifier: person('grid.017', ['verifier']),
}

/** Severity 1 goes to `fire` (no channel) with `ecology`, plumes to `ecology` with `market`, the rest to `water`. */
export const cityText = (urls: { ecology?: string; market?: string; secretFile?: string } = {}): string => {
  const hook = (url: string | undefined) =>
    url ? `[{ kind: webhook, url: "${url}", secretFile: ${urls.secretFile ?? 'secret'} }]` : '[]'
  return `
city: { name: 示例市, timezone: Asia/Shanghai, datum: GCJ-02 }
departments:
  - { id: ecology, name: { zh: 生态环境局, en: Ecology }, channels: ${hook(urls.ecology ?? 'http://127.0.0.1:9/a')} }
  - { id: market, name: { zh: 市场监管局, en: Market }, channels: ${hook(urls.market ?? 'http://127.0.0.1:9/b')} }
  - { id: water, name: { zh: 水务局, en: Water }, channels: ${hook('http://127.0.0.1:9/c')} }
  - { id: fire, name: { zh: 消防救援支队, en: Fire }, channels: [] }
cameras:
  - id: works
    name: { zh: 三号烟囱, en: Chimney 3 }
    purpose: environment
    url: rtsp://127.0.0.1/1
    place: { lon: 114.48, lat: 38.03, address: 学府路 1 号, grid: "130104-017" }
routes:
  - { when: { type: [fire] }, lead: ecology, assist: [fire] }
  - { when: { type: [plume] }, lead: ecology, assist: [market], accept: 1h, handle: 10h, check: 5h }
  - { lead: water }
`
}

interface SentJob {
  readonly queue: JobQueue
  readonly data: JobQueues[JobQueue]
  readonly at: number
}

/** A migrated database with a city, the case commands on it, a clock that tests move, and jobs that are only noted. */
export async function openCases(text = cityText()) {
  const database = await createTestDatabase()
  await applyConfig(database, configObjects(parseCity(text, 'city.yaml')), {
    actor: 'test',
    reason: 'test',
    write: true,
  })
  return { database, ...casesOn(database), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
}

function casesOn(database: Database) {
  const time = { now: Date.parse('2026-12-31T15:59:00Z') } // 23:59 in the city's zone
  const clock: Clock = { now: () => time.now, sleep: () => Promise.resolve() }
  const sent: SentJob[] = []
  const jobs: JobSender = {
    async send(_tx, queue, data, at) {
      sent.push({ queue, data, at })
    },
  }
  const metrics = recordingMetrics()
  const deps = {
    database,
    clock,
    jobs,
    log: silentLog,
    metrics,
    channelKinds: ['webhook'],
    publicUrl: 'https://eyes.example',
  }
  const commands = createCaseCommands(deps)
  return {
    time,
    clock,
    sent,
    jobs,
    metrics,
    commands,
    hooks: createAlertHooks(deps),
    handlers: createJobHandlers({ ...deps, caseCommands: commands }),
  }
}

/** A firing alert as the inbox writes it. */
export async function insertAlert(
  database: Database,
  alert: { type?: string; severity?: number; verdict?: 'confirmed' | 'rejected' } = {},
): Promise<string> {
  const id = randomUUID()
  const { verdict } = alert
  await database.query(
    `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, severity, purpose, place,
       state, started_at, since, last_seen_at, score, event_id, cause, verdict, verdict_reason, verdict_by, verdict_at)
     values ($1, $2, 'camera', 'works', 'r', '1', $3, $4, 'environment', $5, 'firing', now(), now(), now(), 0.9, $6,
       '{}', $7::text, case when $7::text = 'rejected' then 'wrong_object' end,
       case when $7::text is not null then 'boss' end, case when $7::text is not null then now() end)`,
    [
      id,
      id,
      alert.type ?? 'plume',
      alert.severity ?? 2,
      JSON.stringify({ address: '学府路 1 号', grid: '130104-017', datum: 'GCJ-02' }),
      randomUUID(),
      verdict ?? null,
    ],
  )
  return id
}

export interface StoredNotification {
  id: string
  message_id: string
  group_kind: string
  step: string
  department: string
  channel: string
  state: string
  attempt: number
  possible_duplicates: number
  error: string | null
  payload: { type: string; data: Record<string, unknown> }
}

export async function notifications(database: Database, group: string): Promise<StoredNotification[]> {
  const { rows } = await database.query<StoredNotification>(
    'select * from notifications where group_id = $1 order by created_at, id',
    [group],
  )
  return rows
}

export const photo = (seed: string) => ({
  sha256: seed.repeat(64).slice(0, 64),
  bytes: 10,
  mediaType: 'image/jpeg',
  name: `${seed}.jpg`,
  capturedAt: null,
})

/** File → accept → report, ready to be verified. */
export async function toCheck(commands: CaseCommands, alertId: string): Promise<string> {
  const { no } = await commands.file({ alertId }, STAFF.operator)
  await commands.execute(no, { kind: 'accept', version: 2 }, STAFF.lead)
  const { id } = await commands.attach(no, photo('a'), STAFF.lead)
  await commands.execute(no, { kind: 'report', version: 3, note: 'swept', attachments: [id] }, STAFF.lead)
  return no
}
