import type { CameraConfig } from '../../core/config/city.ts'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { Detection, Frame } from '../../core/frame.ts'
import type { Polygon } from '../../core/geometry.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { EventChange } from '../../inference/watch/lifecycle.ts'
import { filmIds } from '../../inference/watch/line.ts'
import { createWatcher, type Watcher } from '../../inference/watch/watcher.ts'
import { createDrawnFilm, type DrawnFilm, frameOf } from '../footage/drawn.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

export interface WatcherOptions {
  readonly zones?: Readonly<Record<string, Polygon>>
  readonly privacy?: readonly Polygon[]
  readonly detector?: Detector | null
  readonly timezone?: string
}

export function watcherOf(rules: readonly RuleConfig[], options: WatcherOptions = {}): Watcher {
  const { zones = {}, privacy = [], detector = null, timezone = 'Asia/Shanghai' } = options
  return createWatcher({
    // The schema gives mutable arrays; the watcher only reads.
    camera: { id: 'drawn', zones, privacy, rules } as unknown as CameraConfig,
    timezone,
    detector,
    newId: filmIds('drawn'),
    log: silentLog,
    metrics: recordingMetrics(),
  })
}

export interface Seen {
  readonly at: number
  readonly change: EventChange
}

/** Plays a drawn film into a watcher at `fps`; answers every change with the second of its picture. */
export async function play(
  watcher: Watcher,
  film: DrawnFilm,
  options: {
    readonly seconds: number
    readonly fps: number
    readonly facts?: (seconds: number) => Partial<Frame>
    /** Shows another picture instead of the drawn one. */
    readonly replace?: (seconds: number, rgb: Uint8Array) => Uint8Array
  },
): Promise<readonly Seen[]> {
  const drawn = createDrawnFilm(film)
  const seen: Seen[] = []
  const { width, height } = drawn
  for (let n = 0; n <= options.seconds * options.fps; n++) {
    const at = n / options.fps
    const rgb = options.replace?.(at, drawn.rgb(at)) ?? drawn.rgb(at)
    const frame = frameOf(rgb, {
      width,
      height,
      mediaMs: Math.round(at * 1000),
      ...options.facts?.(at),
    })
    const { changes } = await watcher.step(frame)
    seen.push(...changes.map((change) => ({ at, change })))
  }
  return seen
}

/** A detector of our own port that names what the script says. */
export function scriptedDetector(
  labels: readonly string[],
  script: (frame: Frame) => readonly Detection[] | null,
): Detector {
  return {
    model: { id: 'scripted', family: 'scripted', sha256: 'a'.repeat(64) },
    labels,
    detect: async (frame) => script(frame),
  }
}

export const kinds = (seen: readonly Seen[]) =>
  seen.map((s) => s.change.kind).filter((kind) => kind !== 'update')
