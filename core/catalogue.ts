import type { Severity } from './event.ts'
import { type NoSight, noSightText } from './unavailable.ts'

/** What a site may use a camera for. A property of every camera, checked on every query and export. */
export const PURPOSES = ['public_safety', 'environment', 'kitchen', 'work_safety'] as const
export type Purpose = (typeof PURPOSES)[number]

/** What a type needs before it can be found. `pixels`: plain image analysis; `labels`: any one of these from a model. */
export type Needs =
  | { readonly kind: 'pixels' }
  | { readonly kind: 'supervision' }
  | { readonly kind: 'labels'; readonly anyOf: readonly string[] }
  | { readonly kind: 'sensor' }
  | { readonly kind: 'not_built' }

interface TypeFacts {
  readonly domain: 'any' | 'street' | 'environment' | 'kitchen' | 'camera'
  readonly zh: string
  readonly en: string
  readonly severity: Severity
  readonly needs: Needs
}

export const VEHICLE_LABELS = ['car', 'truck', 'bus', 'motorcycle', 'vehicle'] as const
export const PERSON_LABELS = ['person'] as const
export const LITTER_LABELS = ['trash_bag', 'garbage'] as const
/** A box on a face for hygiene and for masking stored pictures: no identity. */
export const BARE_FACE_LABEL = 'face_bare'
export const MASKED_FACE_LABEL = 'face_masked'

const labels = (...anyOf: readonly string[]): Needs => ({ kind: 'labels', anyOf })
const notBuilt: Needs = { kind: 'not_built' }
const pixels: Needs = { kind: 'pixels' }

/** Every hazard type of the first catalogue. A type whose needs are not met is *unavailable*, and every screen says so. */
export const CATALOGUE = {
  fire: { domain: 'any', zh: '明火', en: 'Fire', severity: 1, needs: labels('fire') },
  smoke: { domain: 'any', zh: '烟雾', en: 'Smoke', severity: 2, needs: labels('smoke') },
  lane_blocked: {
    domain: 'street',
    zh: '占用消防通道',
    en: 'Fire lane blocked',
    severity: 2,
    needs: labels(...VEHICLE_LABELS),
  },
  illegal_parking: { domain: 'street', zh: '违规停车', en: 'Illegal parking', severity: 4, needs: notBuilt },
  wrong_way: { domain: 'street', zh: '逆行', en: 'Wrong way', severity: 2, needs: notBuilt },
  crowding: {
    domain: 'street',
    zh: '人群聚集',
    en: 'Crowding',
    severity: 2,
    needs: labels(...PERSON_LABELS),
  },
  object_left: { domain: 'street', zh: '遗留物', en: 'Object left', severity: 3, needs: pixels },
  litter: { domain: 'street', zh: '暴露垃圾', en: 'Litter', severity: 4, needs: notBuilt },
  stall_encroachment: {
    domain: 'street',
    zh: '占道经营',
    en: 'Stall encroachment',
    severity: 4,
    needs: notBuilt,
  },
  waterlogging: { domain: 'street', zh: '道路积水', en: 'Waterlogging', severity: 2, needs: notBuilt },
  plume: { domain: 'environment', zh: '黑烟', en: 'Dark plume', severity: 2, needs: pixels },
  open_burning: { domain: 'environment', zh: '露天焚烧', en: 'Open burning', severity: 2, needs: notBuilt },
  litter_pile: {
    domain: 'environment',
    zh: '垃圾堆放',
    en: 'Litter pile',
    severity: 3,
    needs: labels(...LITTER_LABELS),
  },
  bin_overflow: { domain: 'environment', zh: '垃圾满溢', en: 'Bin overflow', severity: 4, needs: notBuilt },
  dust: { domain: 'environment', zh: '扬尘', en: 'Dust', severity: 3, needs: notBuilt },
  exceedance: {
    domain: 'environment',
    zh: '监测超标',
    en: 'Exceedance',
    severity: 3,
    needs: { kind: 'sensor' },
  },
  sensor_fault: {
    domain: 'environment',
    zh: '传感器故障',
    en: 'Sensor fault',
    severity: 4,
    needs: { kind: 'sensor' },
  },
  no_mask: { domain: 'kitchen', zh: '未戴口罩', en: 'No mask', severity: 4, needs: labels(BARE_FACE_LABEL) },
  no_hat: { domain: 'kitchen', zh: '未戴工作帽', en: 'No hat', severity: 4, needs: notBuilt },
  smoking: { domain: 'kitchen', zh: '吸烟', en: 'Smoking', severity: 3, needs: notBuilt },
  phone_use: { domain: 'kitchen', zh: '操作时使用手机', en: 'Phone use', severity: 4, needs: notBuilt },
  rodent: { domain: 'kitchen', zh: '鼠患', en: 'Rodent', severity: 2, needs: notBuilt },
  after_hours_motion: {
    domain: 'kitchen',
    zh: '非营业时段活动',
    en: 'After-hours motion',
    severity: 3,
    needs: pixels,
  },
  open_bin: { domain: 'kitchen', zh: '垃圾桶未加盖', en: 'Open bin', severity: 4, needs: notBuilt },
  fire_unattended: { domain: 'kitchen', zh: '离岗用火', en: 'Fire unattended', severity: 2, needs: notBuilt },
  camera_offline: {
    domain: 'camera',
    zh: '摄像机离线',
    en: 'Camera offline',
    severity: 3,
    needs: { kind: 'supervision' },
  },
  camera_covered: { domain: 'camera', zh: '摄像机被遮挡', en: 'Camera covered', severity: 3, needs: pixels },
  camera_blurred: { domain: 'camera', zh: '画面模糊', en: 'Camera blurred', severity: 4, needs: notBuilt },
  camera_moved: { domain: 'camera', zh: '摄像机移位', en: 'Camera moved', severity: 4, needs: notBuilt },
  camera_frozen: { domain: 'camera', zh: '画面冻结', en: 'Camera frozen', severity: 3, needs: pixels },
  clock_skew: { domain: 'camera', zh: '时钟偏差', en: 'Clock skew', severity: 4, needs: notBuilt },
} as const satisfies Record<string, TypeFacts>

export type HazardType = keyof typeof CATALOGUE
export const HAZARD_TYPES = Object.keys(CATALOGUE) as [HazardType, ...HazardType[]]

export const typeFacts = (type: HazardType): TypeFacts => CATALOGUE[type]

/** What there is of a model for rules: its classes, or why there is none. */
export type ModelSight =
  | {
      readonly model: { readonly id: string }
      readonly labels: readonly string[]
      /** Classes that it has and the site does not use, with the reason. */
      readonly unused?: Readonly<Record<string, string>> | undefined
    }
  | { readonly none: NoSight }

/**
 * Why a type cannot be found, or null when it can be. One source of truth: the classes that the model's manifest names, less those
 * that the site does not use.
 */
export function unavailableBecause(type: HazardType, sight: ModelSight): string | null {
  const needs: Needs = CATALOGUE[type].needs
  switch (needs.kind) {
    case 'pixels':
    case 'supervision':
      return null
    case 'sensor':
      return 'comes from a sensor with a limit, not from a camera'
    case 'not_built':
      return 'not built yet'
    case 'labels': {
      if ('none' in sight) return noSightText(sight.none)
      if (needs.anyOf.some((label) => sight.labels.includes(label))) return null
      const unused = needs.anyOf.filter((label) => sight.unused?.[label] !== undefined)
      const why = sight.unused?.[unused[0] ?? '']
      return why === undefined
        ? noSightText({ kind: 'no_class', model: sight.model.id, labels: needs.anyOf.join(' or ') })
        : noSightText({ kind: 'unused', model: sight.model.id, labels: unused.join(' or '), why })
    }
  }
}

/** The types that a model makes possible, in the order of the catalogue: those of the labels alone. */
export const typesSeenBy = (sight: ModelSight): readonly HazardType[] =>
  HAZARD_TYPES.filter(
    (type) => CATALOGUE[type].needs.kind === 'labels' && unavailableBecause(type, sight) === null,
  )
