import type { Because } from '../../core/attention.ts'
import type { HazardType } from '../../core/catalogue.ts'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { HazardEvent, Severity } from '../../core/event.ts'
import type { Detection, Frame, SeenDetection, Track } from '../../core/frame.ts'
import type { Box, Polygon } from '../../core/geometry.ts'
import type { DurationMs } from '../../core/units.ts'
import type { Picture } from '../pixels/scene.ts'

/** What the model says of one picture. Times are on the watcher's time line, which follows `frame.mediaMs`. */
export interface Look {
  readonly nowMs: number
  /** What the model found, outside the privacy polygons; null: no model looked at this picture. */
  readonly detections: readonly SeenDetection[] | null
  /** As of the model's latest look, which `lastSeenMs` tells. */
  readonly tracks: readonly Track[]
  /** An event of this rule is open: weaker signs are enough to keep it (hysteresis). */
  readonly open: boolean
}

/** Everything a rule may know of one picture. */
export interface Sight extends Look {
  readonly frame: Frame
  readonly picture: Picture
}

/** What a rule says of one picture, with its reason in plain words. */
export type Finding =
  | PresentFinding
  | { readonly kind: 'absent'; readonly reason: string }
  /** Cannot be judged from this picture: nothing begins, nothing ends, and the time does not count. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly wantsFps?: undefined }
  /** As `unknown`; so many pictures a second would help to judge. */
  | (Because & { readonly kind: 'unknown'; readonly wantsFps: number })
  /** What was learned is void; an open event ends now, because nothing more can be said of it. */
  | { readonly kind: 'void'; readonly reason: string }

export interface PresentFinding extends Because {
  readonly kind: 'present'
  /** It has lasted for the rule's `for`: an event. Otherwise it is only suspected and gets attention. */
  readonly firm: boolean
  readonly sinceMs: number
  /** 0..1 */
  readonly score: number
  readonly box: Box | null
  readonly detections: readonly Detection[]
  readonly measured: Readonly<Record<string, number>>
}

interface RuleFacts {
  readonly id: string
  readonly type: HazardType
  /** `<type>/<n>`; n grows whenever the same pixels could give another answer. */
  readonly version: string
  /** Name of the zone; null: the whole picture. */
  readonly zone: string | null
  readonly polygon: Polygon
  readonly severity: Severity
  /** Ends when it was not seen for this long. */
  readonly clearMs: DurationMs
  /** Hours of the city's day in which it holds, for example `22:00-06:00`; null: always. */
  readonly hours: string | null
  /** What it judges against, units in the keys. */
  readonly thresholds: Readonly<Record<string, number>>
  readonly needs: RuleNeeds
  /** Goes on with an event that an earlier worker left open, where the pictures alone would not show that it lasts. */
  adopt?(event: Pick<HazardEvent, 'box' | 'since'>): void
  /** Forgets what was seen (its hours are over, the camera was away). */
  reset(): void
}

/** Judges what the model found: the track log is enough to judge again. */
export interface TrackRule extends RuleFacts {
  readonly over: 'tracks'
  step(look: Look): Finding
}

/** Judges pixels: to judge again it needs the pictures. */
export interface PictureRule extends RuleFacts {
  readonly over: 'pictures'
  step(sight: Sight): Finding
}

export type Rule = TrackRule | PictureRule

export interface RuleNeeds {
  /** Longest time between two looks of the model while nothing changes; null: it needs no model. */
  readonly scanMs: DurationMs | null
  /** Pictures a second while something changes in its zone; 0: key frames are enough. */
  readonly changedFps: number
  /** Pictures a second while it suspects a hazard that has not lasted for its time yet; 0: key frames are enough. */
  readonly suspectedFps: number
}

export interface RuleContext {
  readonly polygon: Polygon
  readonly privacy: readonly Polygon[]
  /** Severity of the type where the configuration names none. */
  readonly severity: Severity
  /** Lowest scores that count as found, by label, where the model names them. */
  readonly operatingPoints: Readonly<Record<string, number>>
}

/** Lowest score that counts: the rule's own, else the model's for what is looked for, else `fallback`. */
export function scoreOf(
  config: { readonly score?: number | undefined },
  labels: readonly string[],
  context: RuleContext,
  fallback: number,
): number {
  const named = labels.flatMap((label) => context.operatingPoints[label] ?? [])
  return config.score ?? (named.length > 0 ? Math.min(...named) : fallback)
}

/** What all rules share of their configuration. */
export function ruleBase(config: RuleConfig, context: RuleContext, defaults: { clearMs: DurationMs }) {
  return {
    id: config.id,
    zone: config.zone ?? null,
    polygon: context.polygon,
    severity: config.severity ?? context.severity,
    clearMs: config.clear ?? defaults.clearMs,
    hours: config.hours ?? null,
  }
}
