import { systemClock } from '../../adapters/clock.ts'
import type { HttpControlPlane } from '../../adapters/control/http.ts'
import type { SwitchingTransport } from '../../adapters/transport/switching.ts'
import { CATALOGUE, type HazardType } from '../../core/catalogue.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Detector } from '../../core/ports/detector.ts'
import { type NoSight, noSightText } from '../../core/unavailable.ts'
import type { Spool } from '../../ingest/spool/spool.ts'
import type { Sensing } from '../roles/sensing.ts'
import type { SlowLive } from '../worker/slow-live.ts'
import type { CameraWorker } from '../worker/worker.ts'
import { down, type HealthPart, type HealthSource, listed, named, poor, source, well } from './part.ts'

/** What waits longer on the disk is no moment's business any more. */
const WAITING_MS = 60_000
const SKEW_MS = 2_000

export const camerasHealth = (worker: Pick<CameraWorker, 'runs' | 'trouble'>): HealthSource =>
  source('cameras', () => {
    const { trouble } = worker
    // Without leases "0 of 0 online" would be true, and no word of what is wrong.
    if (trouble !== null)
      return [
        down('cameras', 'no_leases', `${worker.runs.size} held; ${trouble}`, { held: worker.runs.size }),
      ]
    const status = [...worker.runs.values()].map((run) => run.status())
    const away = status.filter((s) => s.state !== 'online')
    const facts = { online: status.length - away.length, all: status.length }
    const detail = `${facts.online} of ${facts.all} online`
    if (away.length === 0) return [well('cameras', detail, facts)]
    const who = named(away.map((s) => `${s.camera}: ${s.problem ?? s.state}`))
    return [
      poor('cameras', 'offline', `${detail}. ${who}`, {
        ...facts,
        cameras: listed(away.map((s) => s.camera)),
      }),
    ]
  })

/** Types that somebody asked for and nobody can see; a model that was refused, also where nobody asks for its types yet. */
export const analysisHealth = (
  model: { readonly detector: Detector | null; readonly noSight: NoSight | null },
  worker: Pick<CameraWorker, 'runs'>,
): HealthSource =>
  source('analysis', () => {
    const missing = new Map<string, string>()
    for (const run of worker.runs.values())
      for (const { type, reason } of run.status().unavailable) missing.set(type, reason)
    const { detector, noSight } = model
    const loaded = detector
      ? `${detector.model.id} (${detector.model.family})`
      : noSightText(noSight ?? { kind: 'none' })
    const types = [...missing.keys()]
    const facts = { types: types.join(', ') }
    const why = [...missing]
      .filter(([, reason]) => reason !== loaded)
      .map(([type, reason]) => `${CATALOGUE[type as HazardType].zh} ${type}: ${reason}`)
    const told = [
      loaded,
      ...(types.length > 0 ? [`not watched: ${[types.join(', '), ...why].join('; ')}`] : []),
    ]
    const detail = told.join('. ')
    if (noSight?.kind === 'refused')
      return [
        types.length > 0
          ? poor('analysis', 'model_refused', detail, { ...facts, model: noSight.model })
          : poor('analysis', 'model_refused_unasked', detail, { model: noSight.model }),
      ]
    return [
      missing.size === 0
        ? well('analysis', loaded, detector ? { model: detector.model.id } : { cause: 'none' })
        : poor('analysis', 'not_watched', detail, facts),
    ]
  })

export const spoolHealth = (spool: Spool, clock: Clock = systemClock): HealthSource =>
  source('spool', () => [
    lane('spool', spool.state, spool.facts, clock),
    lane('spool of readings', spool.readings.facts.state, spool.readings.facts, clock),
  ])

function lane(
  name: string,
  state: string,
  { records, oldestAt }: { readonly records: number; readonly oldestAt: number | null },
  clock: Clock,
): HealthPart {
  const seconds = Math.round((clock.now() - (oldestAt ?? clock.now())) / 1_000)
  const detail = `${records} waiting, ${state}${records > 0 ? `, the oldest for ${seconds} s` : ''}`
  const facts = { records, seconds }
  if (state === 'failed') return down(name, 'failed', detail, facts)
  if (state !== 'ok') return poor(name, state, detail, facts)
  return seconds * 1_000 > WAITING_MS ? poor(name, 'waiting', detail, facts) : well(name, detail, facts)
}

/** Which way events leave this worker. `null`: no bus is configured. */
export const transportHealth = (switching: SwitchingTransport | null): HealthSource =>
  source('transport', () => {
    if (!switching) return [well('transport', 'direct', { cause: 'direct' })]
    const { way, since, error } = switching.state()
    if (way === 'kafka') return [well('transport', 'kafka', { cause: 'kafka' })]
    const from = new Date(since).toISOString()
    return [
      poor('transport', 'kafka_away', `direct since ${from}, because Kafka is away: ${error ?? ''}`, {
        since: from,
      }),
    ]
  })

/** What went wrong so lately is still news. */
const REJECTED_MS = 10 * 60_000
const LOST_MS = 3_600_000
const REFUSED_MS = 5 * 60_000

/** What this worker hears of sensors; whether a sensor is silent, the alerting knows. */
export const sensingHealth = (
  sensing: Pick<Sensing, 'problem' | 'mqtt' | 'hj212'>,
  clock: Clock = systemClock,
): HealthSource =>
  source('sensor input', () => {
    const { problem, mqtt, hj212 } = sensing
    return [
      ...(problem === null ? [] : [down('sensor input', 'cannot_listen', problem)]),
      ...(mqtt ? [mqttPart(mqtt.facts(), clock.now())] : []),
      ...(hj212 ? [hj212Part(hj212.facts())] : []),
    ]
  })

function mqttPart(mqtt: ReturnType<NonNullable<Sensing['mqtt']>['facts']>, now: number): HealthPart {
  const { connected, problem, refused, unsubscribed, sessionLost, readings, pending } = mqtt
  if (!connected) return down('mqtt', 'away', `not connected: ${problem ?? 'connecting'}`)
  if (refused) {
    const since = new Date(refused.since).toISOString()
    return poor('mqtt', 'not_kept', `readings are not acknowledged since ${since}: ${refused.code}`, {
      since,
    })
  }
  if (unsubscribed.size > 0) {
    const sensors = named([...unsubscribed].map(([sensor, why]) => `${sensor} (${why})`))
    return poor('mqtt', 'not_subscribed', `nothing can come from ${sensors}`, {
      sensors: listed([...unsubscribed.keys()]),
    })
  }
  const lost = sessionLost ? `. The broker forgot us ${sessionLost.times} times, with what it kept` : ''
  const detail = `connected, ${readings} readings, ${pending} not acknowledged yet${lost}`
  if (sessionLost && now - sessionLost.at < LOST_MS)
    return poor('mqtt', 'session_lost', detail, { times: sessionLost.times })
  const wrong = mqtt.sensors.flatMap(({ sensor, lastRejection }) =>
    lastRejection && now - lastRejection.at < REJECTED_MS ? [{ sensor, reason: lastRejection.reason }] : [],
  )
  if (wrong.length > 0) {
    const why = named(wrong.map(({ sensor, reason }) => `${sensor} (${reason})`))
    return poor('mqtt', 'rejected', `${detail}. What cannot be taken: ${why}`, {
      sensors: listed(wrong.map(({ sensor }) => sensor)),
    })
  }
  return well('mqtt', detail, { readings, pending })
}

function hj212Part(hj212: ReturnType<NonNullable<Sensing['hj212']>['facts']>): HealthPart {
  const { connections, devices, refusing, faults } = hj212
  const facts = { connections, devices: devices.length }
  if (refusing) return poor('hj212', 'not_kept', 'packets are not stored, devices get no answer', facts)
  const wrong = Object.entries(faults).filter(([, list]) => list.length > 0)
  if (wrong.length > 0) {
    const told = wrong.map(
      ([kind, list]) => `${kind}: ${named(list.map(({ name, address }) => `${name} from ${address}`))}`,
    )
    return poor('hj212', wrong.length === 1 ? (wrong[0]?.[0] ?? '') : 'faults', told.join('; '), facts)
  }
  return well('hj212', `${connections} connected, ${devices.length} devices heard`, facts)
}

/** Encodes for browsers that cannot play a codec, and what they cost. Whom there was no room for was shown stills. */
export const slowLiveHealth = (
  slow: Pick<SlowLive, 'facts'>,
  clock: Pick<Clock, 'now'> = systemClock,
): HealthSource =>
  source('small video', () => {
    const { running, most, cores, refusedAt } = slow.facts()
    const cost = cores === null ? '' : `, ${cores.toFixed(2)} cores`
    const facts = { running, most, ...(cores === null ? {} : { cores: cores.toFixed(2) }) }
    const detail = `${running} of ${most} encodes for browsers that cannot play a codec${cost}`
    return refusedAt !== null && clock.now() - refusedAt < REFUSED_MS
      ? [poor('small video', 'full', `${detail}; further viewers get stills`, facts)]
      : [well('small video', detail, facts)]
  })

/** Of a worker on another machine: its pictures carry its clock. */
export const clockHealth = (controlPlane: Pick<HttpControlPlane, 'skew'>): HealthSource =>
  source('clock', () => {
    const { skew } = controlPlane
    if (!skew) return [poor('clock', 'not_measured', 'the pages’ server has not answered yet')]
    const ms = Math.round(Math.abs(skew.ms))
    const behind = skew.ms < 0
    const facts = { ms, ...(behind && { cause: 'behind' }) }
    const detail = `${ms} ms ${behind ? 'behind' : 'ahead of'} the pages’ server (± ${Math.round(skew.errorMs)} ms)`
    const wrong = Math.abs(skew.ms) - skew.errorMs > SKEW_MS
    return [wrong ? poor('clock', 'wrong', `${detail}: let NTP set it`, facts) : well('clock', detail, facts)]
  })
