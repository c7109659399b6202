import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { systemClock } from '../../../adapters/clock.ts'
import { createBusProducer } from '../../../adapters/kafka/producer.ts'
import { connectPostgres } from '../../../adapters/postgres/database.ts'
import { freePort } from '../../../adapters/postgres/embedded.ts'
import type { Queryable } from '../../../core/ports/database.ts'
import { type Deployment, startDeployment } from '../../../deploy/native/deployment.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'
import { readPublished } from './bus-reader.ts'
import { runHj212Device, runMqttDevice } from './devices.ts'
import {
  checkChanges,
  checkCoverage,
  checkDeadLetters,
  checkEvents,
  checkNotifications,
  checkReadings,
  type Finding,
  missingReadings,
} from './invariants.ts'
import { type AnsweredLine, readLedger, type SpooledLine } from './ledger.ts'
import { startOperator } from './operator.ts'
import { type Fault, makeSchedule } from './schedule.ts'
import { whereabouts } from './whereabouts.ts'

export interface ChaosOptions {
  readonly folder: string
  readonly seed: number
  readonly kills: number
  /** Broker and database away once for so long; 0: not. */
  readonly longAwayMs: number
  /** Only these are struck; absent: all. */
  readonly parts?: readonly string[] | undefined
  readonly onStep: (text: string) => void
}

export interface ChaosReport {
  readonly seed: number
  readonly faults: readonly Fault[]
  readonly seconds: number
  readonly messages: number
  readonly findings: readonly Finding[]
  /** How far readings came that are missing. */
  readonly lost: readonly string[]
}

const PASSWORD = 'five quiet herons'
const SECRET = `whsec_${Buffer.from('a webhook secret of 32 bytes, ok').toString('base64')}`
const CAMERAS = 24
const WORKERS = 2
const MAX_AWAY_MS = 12_000
/** After a part is back a lease, a re-join of the group and a few repetitions may pass until all flows again. */
const RECOVERY_MS = 60_000
const SETTLE_MS = 240_000
/** Mosquitto saves its sessions every 30 s; what it took since and had not handed on dies with it. */
const MOSQUITTO_SAVES_MS = 35_000

/**
 * A whole site on its real engines, under load, while its parts are killed and frozen in a seeded order. At the end
 * everything that was promised to anybody is looked for.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { folder, seed, kills, onStep } = options
  const began = Date.now()
  await using receiver = await startWebhookReceiver(SECRET)
  const city = await writeCity(join(folder, 'city'), receiver.url)
  const ports = await Promise.all(Array.from({ length: WORKERS }, freePort))
  await using site = await startDeployment({
    ...{ folder: join(folder, 'site'), city, log: silentLog, apis: 2, alerts: 2, workers: WORKERS },
    workerProgram: resolve(import.meta.dirname, 'load-worker.ts'),
    workerEnv: (n) => ({ HJ212_PORT: String(ports[n - 1]) }),
  })
  onStep('everything runs')
  const load = new AbortController()
  const ledgers = { hj212: join(folder, 'hj212.jsonl'), mqtt: join(folder, 'mqtt.jsonl') }
  // Devices' readings are a second apart and come four times as fast: their clocks begin a day ago, so that they stay behind
  // ours (a clock that is ahead is not believed, and its readings get the time of their arrival).
  const from = Math.floor(began / 1_000) * 1_000 - 86_400_000
  const devices = [
    ...ports.map((port, n) =>
      runHj212Device({ mn: mnOf(n), port, from, ledger: ledgers.hj212 }, load.signal),
    ),
    runMqttDevice({ id: 'pm-1', url: site.mqttUrl, from, ledger: ledgers.mqtt }, load.signal),
  ]
  const operator = startOperator({ apis: site.apis, name: 'duty', password: PASSWORD }, load.signal)
  const parts = [...site.parts.keys()].filter((part) => options.parts?.includes(part) ?? true)
  const faults = makeSchedule({ seed, kills, parts, maxAwayMs: MAX_AWAY_MS, longAwayMs: options.longAwayMs })
  const outages: { from: number; to: number; part: string; kind: Fault['kind'] }[] = []
  for (const [n, fault] of faults.entries()) {
    await delay(fault.afterMs)
    onStep(`${n + 1}/${faults.length} ${fault.kind} ${fault.part} for ${(fault.awayMs / 1_000).toFixed(1)} s`)
    const at = Date.now()
    await strike(site, fault)
    outages.push({ part: fault.part, kind: fault.kind, from: at, to: Date.now() + RECOVERY_MS })
    if (n % 5 === 0) await poison(site.brokers)
  }
  await delay(3_000)
  onStep('the load ends')
  load.abort()
  await Promise.all([...devices, operator.ended])
  const workers = Array.from({ length: WORKERS }, (_, n) => join(folder, 'site', `worker-${n + 1}`))
  for (const worker of workers) await writeFile(join(worker, 'stop'), '')
  await using database = connectPostgres({ url: site.databaseUrl, log: silentLog, max: 2 })
  const lines = () => workers.flatMap((worker) => readLedger<SpooledLine>(join(worker, 'ledger.jsonl')))
  const mosquittoDied = outages.filter(({ part, kind }) => part === 'mosquitto' && kind === 'kill')
  const answered = readLedger<AnsweredLine>(ledgers.hj212)
  const published = readLedger<AnsweredLine & { acknowledgedAt: number }>(ledgers.mqtt).filter(
    ({ acknowledgedAt }) =>
      !mosquittoDied.some(
        (died) => acknowledgedAt > died.from - MOSQUITTO_SAVES_MS && acknowledgedAt <= died.from + 1_000,
      ),
  )
  await settle(database, lines, [...answered, ...published], onStep)
  const missing = (await missingReadings(database, [...answered, ...published])).slice(0, 10)
  const lost = missing.length > 0 ? await whereabouts(database, site.brokers, missing) : []
  for (const line of lost) onStep(`not in the database: ${line}`)

  const spooled = lines()
  const findings = [
    ...(await checkEvents(database, spooled)),
    await checkReadings(database, 'every HJ 212 packet that was answered is stored once', answered),
    await checkReadings(database, 'every MQTT reading that the broker kept is stored once', published),
    await checkDeadLetters(database, answered.length + published.length),
    ...(await checkNotifications(database, operator.cases, receiver.received)),
    ...(await checkCoverage(database, outages)),
    ...(await checkChanges(
      database,
      await readPublished(site.brokers, ['alert.events.v1', 'case.events.v1', 'notify.attempts.v1']),
    )),
  ]
  return {
    seed,
    faults,
    seconds: (Date.now() - began) / 1_000,
    messages: spooled.length + answered.length + published.length,
    findings,
    lost,
  }
}

async function strike(site: Deployment, fault: Fault): Promise<void> {
  const part = site.parts.get(fault.part)
  if (!part) throw new Error(`there is no part ${fault.part}`)
  if (fault.kind === 'pause') {
    part.pause()
    await delay(fault.awayMs)
    part.resume()
    return
  }
  await part.kill()
  await delay(fault.awayMs)
  await part.start()
}

/** What no worker sends: it must neither stop the consumers nor get lost. */
async function poison(brokers: string): Promise<void> {
  const producer = createBusProducer({
    settings: { brokers: [brokers], tls: false, sasl: null, replication: 1 },
    ...{ clock: systemClock, log: silentLog, metrics: recordingMetrics() },
  })
  const values = [Buffer.from([0, 255, 1]), Buffer.from('{"type":"nothing"}'), Buffer.alloc(600_000, 'x')]
  await producer
    .produce(
      'hazard.events.v1',
      values.map((value, n) => ({ key: `poison-${n}`, value })),
    )
    .catch(() => undefined) // the broker is away now
  await producer[Symbol.asyncDispose]()
}

/** Waits for facts: what was spooled and answered has come, nothing waits to be sent or to get its position. */
async function settle(
  database: Queryable,
  lines: () => readonly SpooledLine[],
  readings: readonly AnsweredLine[],
  onStep: (text: string) => void,
): Promise<void> {
  const deadline = Date.now() + SETTLE_MS
  for (;;) {
    const waiting = await openThings(database, lines(), readings).catch((error: Error) => [error.message])
    if (waiting.length === 0) return
    if (Date.now() > deadline) {
      onStep(`not settled: ${waiting.join(', ')}`)
      return // the findings say what is missing
    }
    await delay(1_000)
  }
}

async function openThings(
  database: Queryable,
  lines: readonly SpooledLine[],
  readings: readonly AnsweredLine[],
): Promise<readonly string[]> {
  const begun = new Set(lines.map(({ event }) => event))
  const { rows } = await database.query<{
    open: string
    due: string
    waiting: string
    known: string
    behind: string
  }>(
    `select (select count(*) from event_state where not ended) as open,
            (select count(*) from notifications where state in ('queued', 'sending')) as due,
            (select count(*) from changes where pos is null) as waiting,
            (select count(*) from event_state where event_id = any($1::uuid[])) as known,
            (select pos from change_head) - (select pos from change_publisher) as behind`,
    [[...begun]],
  )
  const [row] = rows
  if (!row) return ['no answer']
  const missing = (await missingReadings(database, readings)).length
  return [
    row.open === '0' ? '' : `${row.open} events open`,
    row.due === '0' ? '' : `${row.due} notifications due`,
    row.waiting === '0' ? '' : `${row.waiting} changes without a position`,
    row.behind === '0' ? '' : `${row.behind} changes not published`,
    Number(row.known) === begun.size ? '' : `${begun.size - Number(row.known)} events not there`,
    missing === 0 ? '' : `${missing} readings not there`,
  ].filter((text) => text !== '')
}

const mnOf = (n: number) => `CHAOS${String(n).padStart(9, '0')}`

async function writeCity(folder: string, webhook: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'password'), PASSWORD, { mode: 0o600 })
  await writeFile(join(folder, 'whsec'), SECRET, { mode: 0o600 })
  const named = (id: string) => ({ zh: id, en: id })
  const path = join(folder, 'city.yaml')
  await writeFile(
    path,
    stringify({
      city: { name: '试', timezone: 'Asia/Shanghai', datum: 'WGS-84' },
      departments: [
        {
          id: 'urban',
          name: named('urban'),
          channels: [{ kind: 'webhook', url: webhook, secretFile: 'whsec' }],
        },
      ],
      users: [{ name: 'duty', roles: ['operator'], passwordFile: 'password' }],
      cameras: Array.from({ length: CAMERAS }, (_, n) => ({
        ...{
          id: `cam-${n}`,
          name: named(`cam-${n}`),
          purpose: 'public_safety',
          url: `rtsp://127.0.0.1/${n}`,
        },
      })),
      routes: [{ lead: 'urban' }],
      sensors: [
        ...Array.from({ length: WORKERS }, (_, n) => ({
          ...{ id: `hj-${n}`, source: 'hj212', mn: mnOf(n), factor: 'a34004', unit: 'ug/m3' },
        })),
        { id: 'pm-1', source: 'mqtt', topic: 'sensors/pm-1', factor: 'a34004', unit: 'ug/m3' },
      ],
    }),
  )
  return path
}
