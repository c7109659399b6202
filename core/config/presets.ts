import type { Purpose } from '../catalogue.ts'
import type { Polygon } from '../geometry.ts'
import type { RuleConfig } from './rule.ts'

export interface RuleSet {
  readonly zones: Readonly<Record<string, Polygon>>
  readonly rules: readonly RuleConfig[]
}

const always: readonly RuleConfig[] = [
  { id: 'fire', type: 'fire' },
  { id: 'smoke', type: 'smoke' },
  { id: 'camera-covered', type: 'camera_covered' },
  { id: 'camera-frozen', type: 'camera_frozen' },
]

/**
 * Rule sets by name: the whole picture is the zone; only a plume needs sky, and the upper part is taken for it. None has a
 * duration, so each reads the same in the city file and as parsed.
 */
export const PRESETS = {
  street: {
    zones: {},
    rules: [
      ...always,
      { id: 'object-left', type: 'object_left' },
      { id: 'lane-blocked', type: 'lane_blocked' },
      { id: 'crowding', type: 'crowding', limit: 10 },
    ],
  },
  environment: {
    zones: {
      sky: [
        [0, 0],
        [1, 0],
        [1, 0.6],
        [0, 0.6],
      ],
    },
    rules: [
      ...always,
      { id: 'plume', type: 'plume', zone: 'sky', darkness: 2 },
      { id: 'litter-pile', type: 'litter_pile' },
    ],
  },
  kitchen: {
    zones: {},
    rules: [
      ...always,
      { id: 'no-mask', type: 'no_mask' },
      { id: 'after-hours-motion', type: 'after_hours_motion' },
    ],
  },
} as const satisfies Readonly<Record<string, RuleSet>>

export type PresetName = keyof typeof PRESETS
export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]]

/** The set that suits what a camera is used for; at work sites things left and blocked lanes are looked for, as on streets. */
export const PRESET_OF: Readonly<Record<Purpose, PresetName>> = {
  public_safety: 'street',
  environment: 'environment',
  kitchen: 'kitchen',
  work_safety: 'street',
}
