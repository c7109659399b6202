import type { REJECT_REASONS } from '../../core/alert.ts'
import type { HazardType } from '../../core/catalogue.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Box } from '../../core/geometry.ts'
import type { SceneMoment } from './scenes.ts'

/** One alert of the development database, and what people did with it. Minutes count back from the seeding. */
export interface SeedAlert {
  /** Stable: the event's id is made of it. */
  readonly key: string
  readonly type: HazardType
  readonly rule: string
  readonly zone: string | null
  readonly severity: HazardEvent['severity']
  readonly minutesAgo: number
  /** Null: it is still there. */
  readonly lastsMinutes: number | null
  readonly scene: SceneMoment
  readonly box: Box | null
  readonly score: number
  readonly measured: Readonly<Record<string, number>>
  readonly verdict?: 'acknowledged' | 'confirmed' | (typeof REJECT_REASONS)[number]
  readonly case?: SeedCase
}

/** How far a case has come. Times are minutes ago, as far as it has come: filed, accepted, reported, verified, closed. */
export interface SeedCase {
  readonly note: string
  readonly times: readonly number[]
  readonly report: string
  readonly finding: string
}

/** What the rules of these types hold their measurements against, so that the page can say why there is an alert. */
export const THRESHOLDS: Partial<Record<HazardType, Readonly<Record<string, number>>>> = {
  fire: { score: 0.45, forMs: 2_000 },
  lane_blocked: { score: 0.4, forMs: 120_000 },
  object_left: { forMs: 20_000 },
  plume: { ringelmann: 2, forMs: 8_000 },
  after_hours_motion: { minArea: 0.01, forMs: 5_000 },
}

const still = { report: '', finding: '' }

/**
 * What still fires is of types that nobody can see without a model: on a camera that is watched, anything else would
 * end with the first picture that does not show it.
 */
export const STORY: readonly SeedAlert[] = [
  {
    ...{
      key: 'fire',
      type: 'fire',
      rule: 'fire',
      zone: null,
      severity: 1,
      minutesAgo: 6,
      lastsMinutes: null,
    },
    scene: { camera: 'sample-works', second: 30, thing: { kind: 'flame', at: [690, 330] } },
    ...{ box: [0.71, 0.6, 0.82, 0.83], score: 0.87, measured: { hits: 4 } },
  },
  {
    ...{ key: 'lane', type: 'lane_blocked', rule: 'lane', zone: null, severity: 2, minutesAgo: 22 },
    ...{ lastsMinutes: null, verdict: 'acknowledged' },
    scene: { camera: 'sample-street', second: 2, thing: { kind: 'van', at: [240, 330] } },
    ...{ box: [0.25, 0.61, 0.49, 0.84], score: 0.91, measured: { stillMs: 125_000 } },
  },
  {
    ...{ key: 'lane-pavement', type: 'lane_blocked', rule: 'lane-pavement', zone: 'pavement', severity: 2 },
    ...{ minutesAgo: 3, lastsMinutes: null },
    scene: { camera: 'sample-street', second: 4, thing: { kind: 'van', at: [500, 250] } },
    ...{ box: [0.52, 0.46, 0.76, 0.69], score: 0.78, measured: { stillMs: 121_000 } },
  },
  {
    ...{ key: 'mask', type: 'no_mask', rule: 'no-mask', zone: null, severity: 4, minutesAgo: 40 },
    ...{ lastsMinutes: null, verdict: 'confirmed' },
    scene: { camera: 'sample-kitchen', second: 3, thing: { kind: 'worker', at: [480, 210] } },
    ...{ box: [0.5, 0.39, 0.62, 0.85], score: 0.74, measured: { hits: 6 } },
    case: { ...still, note: '后厨人员未戴口罩，请现场提醒并整改', times: [31] },
  },
  {
    ...{ key: 'mask-floor', type: 'no_mask', rule: 'no-mask-floor', zone: 'floor', severity: 4 },
    ...{ minutesAgo: 12, lastsMinutes: null, verdict: 'acknowledged' },
    scene: { camera: 'sample-kitchen', second: 5, thing: { kind: 'worker', at: [220, 230] } },
    ...{ box: [0.23, 0.43, 0.35, 0.89], score: 0.69, measured: { hits: 5 } },
  },
  {
    ...{ key: 'plume-closed', type: 'plume', rule: 'dark-plume', zone: 'sky', severity: 2 },
    ...{ minutesAgo: 1_560, lastsMinutes: 20, verdict: 'confirmed' },
    scene: { camera: 'sample-works', second: 40 },
    ...{ box: [0.46, 0.08, 0.7, 0.4], score: 0.93, measured: { ringelmann: 3.1, lastedMs: 12_000 } },
    case: {
      note: '烟囱持续冒黑烟，请核查锅炉运行情况',
      times: [1_550, 1_500, 1_260, 1_080, 1_020],
      report: '除尘器滤袋破损，已停炉更换，复产后烟色正常',
      finding: '现场复查，烟色正常，滤袋更换记录齐全',
    },
  },
  {
    ...{ key: 'plume-handling', type: 'plume', rule: 'dark-plume', zone: 'sky', severity: 2 },
    ...{ minutesAgo: 300, lastsMinutes: 14, verdict: 'confirmed' },
    scene: { camera: 'sample-works', second: 52 },
    ...{ box: [0.46, 0.06, 0.72, 0.4], score: 0.88, measured: { ringelmann: 2.6, lastedMs: 12_000 } },
    case: { ...still, note: '再次冒黑烟', times: [290, 255] },
  },
  {
    ...{ key: 'object-overdue', type: 'object_left', rule: 'left-object', zone: 'pavement', severity: 3 },
    ...{ minutesAgo: 1_440, lastsMinutes: 55, verdict: 'confirmed' },
    scene: { camera: 'sample-street', second: 40 },
    ...{ box: [0.58, 0.56, 0.66, 0.68], score: 0.81, measured: { stillMs: 20_500 } },
    // Handling time of the route is a day: it is up in half an hour.
    case: { ...still, note: '人行道遗留箱体', times: [1_430, 1_410] },
  },
  {
    ...{ key: 'object-check', type: 'object_left', rule: 'left-object', zone: 'pavement', severity: 3 },
    ...{ minutesAgo: 420, lastsMinutes: 38, verdict: 'confirmed' },
    scene: { camera: 'sample-street', second: 60 },
    ...{ box: [0.58, 0.56, 0.66, 0.68], score: 0.84, measured: { stillMs: 21_000 } },
    case: { ...still, note: '人行道堆放物', times: [410, 390, 120], report: '已清运，路面恢复畅通' },
  },
  {
    ...{ key: 'kitchen-close', type: 'after_hours_motion', rule: 'after-hours', zone: 'floor', severity: 3 },
    ...{ minutesAgo: 1_800, lastsMinutes: 3, verdict: 'confirmed' },
    scene: { camera: 'sample-kitchen', second: 22 },
    ...{ box: [0.3, 0.58, 0.5, 0.88], score: 0.9, measured: { movingShare: 0.06, lastedMs: 9_000 } },
    case: {
      note: '非营业时段有人进出后厨',
      times: [1_790, 1_740, 600, 90],
      report: '为供货商夜间送货，已要求食堂改为营业时段收货',
      finding: '已查看收货制度与签收记录，门锁已更换',
    },
  },
  {
    ...{
      key: 'kitchen-delivery',
      type: 'after_hours_motion',
      rule: 'after-hours',
      zone: 'floor',
      severity: 3,
    },
    ...{ minutesAgo: 540, lastsMinutes: 2, verdict: 'permitted_work' },
    scene: { camera: 'sample-kitchen', second: 18 },
    ...{ box: [0.28, 0.58, 0.5, 0.88], score: 0.86, measured: { movingShare: 0.05, lastedMs: 9_000 } },
  },
  {
    ...{ key: 'plume-cloud', type: 'plume', rule: 'dark-plume', zone: 'sky', severity: 2 },
    ...{ minutesAgo: 180, lastsMinutes: 4, verdict: 'light_or_weather' },
    scene: { camera: 'sample-works', second: 5 },
    ...{ box: [0.46, 0.1, 0.6, 0.38], score: 0.61, measured: { ringelmann: 2.05, lastedMs: 12_000 } },
  },
  {
    ...{ key: 'object-gone', type: 'object_left', rule: 'left-object', zone: 'pavement', severity: 3 },
    ...{ minutesAgo: 50, lastsMinutes: 9, verdict: 'acknowledged' },
    scene: { camera: 'sample-street', second: 33 },
    ...{ box: [0.58, 0.56, 0.66, 0.68], score: 0.79, measured: { stillMs: 20_100 } },
  },
  {
    ...{ key: 'covered', type: 'camera_covered', rule: 'covered', zone: null, severity: 3 },
    ...{ minutesAgo: 120, lastsMinutes: 7 },
    scene: { camera: 'sample-street', second: 1, thing: { kind: 'cloth', at: [0, 0] } },
    ...{ box: null, score: 0.95, measured: { detailCells: 0.02, usualCells: 0.41 } },
  },
  {
    ...{
      key: 'kitchen-resolved',
      type: 'after_hours_motion',
      rule: 'after-hours',
      zone: 'floor',
      severity: 3,
    },
    ...{ minutesAgo: 75, lastsMinutes: 2 },
    scene: { camera: 'sample-kitchen', second: 14 },
    ...{ box: [0.66, 0.58, 0.85, 0.88], score: 0.83, measured: { movingShare: 0.04, lastedMs: 9_000 } },
  },
]
