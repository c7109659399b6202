import { type ModelSight, unavailableBecause } from '../../core/catalogue.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { isEnabled } from '../../core/config/rule.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Detection } from '../../core/frame.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { NoSight } from '../../core/unavailable.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Finding, Rule } from '../rules/rule.ts'
import { createSchedule, type Schedule } from '../rules/schedule.ts'
import { createRule } from '../rules/table.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'

/** One rule on duty over one camera, with its events. */
export interface Post<R extends Rule = Rule> {
  readonly rule: R
  readonly lifecycle: Lifecycle
  readonly schedule: Schedule
  readonly needsModel: boolean
  onDuty: boolean
}

export interface PostsDeps {
  readonly camera: Pick<CameraConfig, 'id' | 'zones' | 'privacy' | 'rules'>
  /** IANA name of the city's zone, for `hours` of rules. */
  readonly timezone: string
  /** Null: no model looks. */
  readonly looks: Pick<Detector, 'model' | 'labels' | 'operatingPoints' | 'unused'> | null
  /** Why no model looks; nobody chose one where it is absent. */
  readonly noSight?: NoSight | null | undefined
  readonly newId: () => string
}

/** The enabled rules of a camera, and the types among them that cannot be watched, with the reason. */
export function createPosts(deps: PostsDeps): {
  readonly posts: readonly Post[]
  readonly missing: ReadonlyMap<string, string>
} {
  const { camera, looks } = deps
  const sight: ModelSight = looks ?? { none: deps.noSight ?? { kind: 'none' } }
  const missing = new Map<string, string>()
  const posts = camera.rules.filter(isEnabled).flatMap((config): Post[] => {
    const reason = unavailableBecause(config.type, sight)
    const rule = reason === null ? createRule(config, camera, looks?.operatingPoints) : null
    if (!rule) {
      missing.set(config.type, reason ?? 'not built yet')
      return []
    }
    const lifecycle = createLifecycle({
      cameraId: camera.id,
      rule,
      model: looks?.model ?? null,
      newId: deps.newId,
    })
    const schedule = createSchedule(rule.hours, deps.timezone)
    return [{ rule, lifecycle, schedule, needsModel: rule.needs.scanMs !== null, onDuty: false }]
  })
  return { posts, missing }
}

/** What a rule says of a picture, its hours and its model considered. `see` lets it look. */
export function judge<R extends Rule>(
  post: Post<R>,
  picture: {
    readonly capturedAt: EpochMs
    readonly detections: readonly Detection[] | null
    /** Why the model did not look, when it failed. */
    readonly failure: string | null
  },
  see: (rule: R, open: boolean) => Finding,
): Finding {
  const { rule, schedule } = post
  const onDuty = schedule(picture.capturedAt)
  if (post.onDuty && !onDuty) rule.reset()
  post.onDuty = onDuty
  if (!onDuty) return { kind: 'absent', reason: `outside its hours ${rule.hours}` }
  if (post.needsModel && picture.detections === null) {
    return { kind: 'unknown', reason: picture.failure ?? 'the model did not look at this picture' }
  }
  return see(rule, post.lifecycle.open !== null)
}

/** Hands an event that was left open to its rule; false: no rule stands for it. */
export function adoptEvent(posts: readonly Post[], event: HazardEvent): boolean {
  const post = posts.find(
    ({ rule, lifecycle }) =>
      rule.id === event.rule.id && rule.type === event.type && rule.zone === event.zone && !lifecycle.open,
  )
  post?.lifecycle.adopt(event)
  post?.rule.adopt?.(event)
  return post !== undefined
}
