import { describe, expect, test } from 'vitest'
import type { CameraConfig } from '../../core/config/city.ts'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { Detection, Frame } from '../../core/frame.ts'
import type { Polygon } from '../../core/geometry.ts'
import {
  createTrackLogDecoder,
  createTrackLogEncoder,
  headLine,
  type LoggedPicture,
  type TrackLogEntry,
} from '../../core/track-log.ts'
import { createTrackReplay } from '../../inference/replay/track-replay.ts'
import type { EventChange } from '../../inference/watch/lifecycle.ts'
import { filmIds } from '../../inference/watch/line.ts'
import { createWatcher } from '../../inference/watch/watcher.ts'
import { createDrawnFilm, frameOf } from '../footage/drawn.ts'
import { createRandom } from '../footage/random.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { scriptedDetector } from './drive.ts'

const LANE: Polygon = [
  [0.3, 0.4],
  [0.9, 0.4],
  [0.9, 0.95],
  [0.3, 0.95],
]
const PRIVATE: Polygon = [
  [0, 0],
  [0.1, 0],
  [0.1, 1],
  [0, 1],
]
const T0 = 1_700_000_000_000
const SECONDS = 70
const LABELS = ['person', 'car', 'fire']

/** A car that comes, stands and leaves, people that gather, a flame, jittering boxes, weak and doubled finds. */
function street(seed: number): (frame: Pick<Frame, 'capturedAt'>) => readonly Detection[] {
  return ({ capturedAt }) => {
    const s = (capturedAt - T0) / 1_000
    const random = createRandom(seed + Math.round(s * 1_000))
    const jitter = () => (random() - 0.5) / 150
    const found: Detection[] = []
    const add = (label: string, score: number, x: number, y: number, w: number, h: number) =>
      found.push({
        label,
        score: Math.max(0.02, Math.min(1, score + jitter() * 8)),
        box: [x + jitter(), y + jitter(), x + w + jitter(), y + h + jitter()],
      })
    const x = s < 10 ? s / 20 : s < 45 ? 0.5 : 0.5 + (s - 45) / 15
    if (x < 1) add('car', 0.7, x, 0.5, 0.2, 0.2)
    if (s > 20 && s < 24) add('car', 0.6, (s - 20) / 4, 0.5, 0.25, 0.3)
    const people = s > 30 && s < 55 ? 5 : 2
    for (let n = 0; n < people; n++) add('person', 0.45, 0.32 + n * 0.1, 0.6, 0.05, 0.2)
    add('person', 0.9, 0.02, 0.5, 0.05, 0.3)
    if (s > 12 && s < 20) add('fire', 0.55, 0.6, 0.05, 0.2, 0.3)
    return found
  }
}

interface LiveRun {
  readonly changes: readonly EventChange[]
  readonly entries: readonly TrackLogEntry[]
}

const camera = (rules: readonly RuleConfig[], zones: Readonly<Record<string, Polygon>> = { lane: LANE }) =>
  ({ id: 'drawn', zones, privacy: [PRIVATE], rules }) as unknown as CameraConfig

/** A real watcher over drawn pictures; what it would log, through the text of the log. */
async function live(rules: readonly RuleConfig[], of: 'busy' | 'quiet' = 'busy'): Promise<LiveRun> {
  const drawn = createDrawnFilm({
    ...{ width: 64, height: 36, noise: 3 },
    draw(canvas, s) {
      canvas.fill([0, 0, 1, 1], [110, 110, 110])
      canvas.texture([0, 0, 1, 1], 20, 5, 3)
      // Flames flicker, or they are none.
      if (s > 11 && s < 21) canvas.fill([0.6, 0.05, 0.8, 0.35], s % 1 === 0 ? [250, 200, 40] : [200, 60, 20])
      // Always moving inside the zone: the model looks at every picture, whatever the rules suspect.
      if (of === 'busy') canvas.fill([0.4 + (s % 4) / 10, 0.5, 0.5 + (s % 4) / 10, 0.7], [220, 40, 40])
      if (of === 'quiet' && s > 40) canvas.fill([0, 0, 1, 1], [20, 20, 20])
    },
  })
  const encoder = createTrackLogEncoder({
    run: 1,
    model: null,
    labels: LABELS,
    operatingPoints: { fire: 0.5 },
    scoreFrom: 0.1,
    twice: false,
  })
  let text = headLine({
    ...{ run: 1, labels: LABELS, operatingPoints: { fire: 0.5 }, scoreFrom: 0.1, twice: true },
    model: { id: 'scripted', family: 'scripted', sha256: 'a'.repeat(64) },
  })
  const watcher = createWatcher({
    ...{ camera: camera(rules), timezone: 'Asia/Shanghai', newId: filmIds('x') },
    detector: { ...scriptedDetector(LABELS, street(7)), operatingPoints: { fire: 0.5 } },
    ...{ log: silentLog, metrics: recordingMetrics() },
    onPicture: (picture: LoggedPicture) => {
      text += encoder.picture(picture)
    },
  })
  const changes: EventChange[] = []
  for (let n = 0; n < SECONDS * 2; n++) {
    const s = n / 2
    // A reconnect while the car stands: media time begins anew, capture time goes on after a gap.
    const again = s >= 30
    const frame = frameOf(drawn.rgb(s), {
      ...{ width: drawn.width, height: drawn.height },
      mediaMs: again ? (s - 30) * 1_000 : s * 1_000 + 1 / 3,
      connection: again ? 2 : 1,
      capturedAt: T0 + s * 1_000 + (again ? 4_000 : 0),
      clock: { kind: 'arrival', errorMs: 100 },
      key: n % 4 === 0,
      discontinuity: s === 60,
    })
    changes.push(...(await watcher.step(frame)).changes)
  }
  const decoder = createTrackLogDecoder()
  const entries = text
    .trimEnd()
    .split('\n')
    .flatMap((line) => decoder.line(line) ?? [])
  return { changes, entries }
}

function replay(
  rules: readonly RuleConfig[],
  entries: readonly TrackLogEntry[],
  zones?: Readonly<Record<string, Polygon>>,
): readonly EventChange[] {
  const again = createTrackReplay({
    ...{ camera: camera(rules, zones), timezone: 'Asia/Shanghai', newId: filmIds('x') },
  })
  return entries.flatMap((entry) => again.take(entry))
}

/** Never becomes an event, and lets the model look at every picture: then a fresh run sees what the log has. */
const LOOKING: RuleConfig = { id: 'looking', type: 'crowding', limit: 1, for: 3_600_000 }
const LANE_RULE: RuleConfig = { id: 'lane', type: 'lane_blocked', zone: 'lane', for: 15_000, clear: 3_000 }
const RULES: readonly RuleConfig[] = [
  LANE_RULE,
  { id: 'crowd', type: 'crowding', zone: 'lane', limit: 3, for: 4_000, clear: 2_000 },
  { id: 'fire', type: 'fire' },
]
const CHANGED: readonly RuleConfig[] = [
  { id: 'longer', type: 'lane_blocked', zone: 'lane', for: 18_000, clear: 3_000 },
  { id: 'nobody', type: 'crowding', zone: 'lane', limit: 9 },
  { id: 'lower', type: 'crowding', zone: 'lane', limit: 1, for: 4_000, clear: 2_000 },
  { id: 'surer', type: 'fire', score: 0.56 },
  { id: 'hours', type: 'crowding', zone: 'lane', limit: 1, hours: '01:00-02:00' },
]
const plain = (changes: readonly EventChange[]) => JSON.parse(JSON.stringify(changes)) as unknown

const busy = live([...RULES, LOOKING])

describe('judging the track log again', () => {
  test('the same rules give the same changes, to the last digit', async () => {
    const run = await busy
    const types = new Set(run.changes.filter(({ kind }) => kind === 'start').map(({ event }) => event.type))
    expect([...types].sort()).toEqual(['crowding', 'fire', 'lane_blocked'])
    expect(run.changes.some(({ kind }) => kind === 'end')).toBe(true)
    expect(plain(replay(RULES, run.entries))).toEqual(plain(run.changes))
  })

  test('also where the model looked only now and then, and the view was cut', async () => {
    const run = await live(RULES, 'quiet')
    const looked = run.entries.map((entry) => entry.kind === 'picture' && entry.picture.detections !== null)
    expect(looked.slice(1)).toContain(false)
    expect(run.changes.length).toBeGreaterThan(3)
    expect(plain(replay(RULES, run.entries))).toEqual(plain(run.changes))
  })

  test('changed rules give what a fresh run with them gives', async () => {
    const { entries } = await busy
    const fresh = await live([...CHANGED, LOOKING])
    const changes = replay(CHANGED, entries)
    expect(plain(changes)).toEqual(plain(fresh.changes))
    const raised = changes.filter(({ kind }) => kind === 'start').map(({ event }) => event.rule.id)
    expect(raised).toContain('longer')
    expect(raised).toContain('lower')
    expect(raised).not.toContain('nobody')
    expect(raised).not.toContain('hours')
  })

  test('another zone is judged on the tracks of before', async () => {
    const { entries } = await busy
    const elsewhere: Polygon = [
      [0.1, 0],
      [0.2, 0],
      [0.2, 0.1],
    ]
    expect(replay([LANE_RULE], entries, { lane: elsewhere })).toEqual([])
  })

  test('a new run of the analysis takes the open events over, and ends them', async () => {
    const { entries } = await busy
    const at = entries.findIndex(
      (entry) => entry.kind === 'picture' && entry.picture.capturedAt > T0 + 40_000,
    )
    const [head] = entries
    if (head?.kind !== 'head') throw new Error('a log begins with its head')
    const restarted: readonly TrackLogEntry[] = [
      ...entries.slice(0, at),
      { kind: 'head', head: { ...head.head, run: 2 } },
      ...entries.slice(at),
    ]
    const changes = replay([LANE_RULE], restarted)
    expect(new Set(changes.map(({ event }) => event.id)).size).toBe(1)
    expect(changes.at(-1)?.kind).toBe('end')
    // The head of the next file of the same run changes nothing.
    const rolled = [...entries.slice(0, at), head, ...entries.slice(at)]
    expect(plain(replay(RULES, rolled))).toEqual(plain(replay(RULES, entries)))
  })
})
