import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { Polygon } from '../../core/geometry.ts'
import type { TrackLogHead } from '../../core/track-log.ts'
import { createTrackReplay } from '../../inference/replay/track-replay.ts'
import type { EventChange } from '../../inference/watch/lifecycle.ts'
import { filmIds } from '../../inference/watch/line.ts'
import { createWatcher } from '../../inference/watch/watcher.ts'
import { createDetector } from '../../inference/worker/detector.ts'
import { decodeFile } from '../../ingest/decode/file.ts'
import { createTrackLogs } from '../../ingest/track-log/track-logs.ts'
import { gather } from '../ingest/track-log/logged.ts'
import { assets, missingAssets } from '../support/assets.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { tempFolder } from '../support/temp-folder.ts'

const ZONE: Polygon = [
  [0.05, 0.05],
  [0.95, 0.05],
  [0.95, 0.98],
  [0.05, 0.98],
]
const rules = (limit: number): readonly RuleConfig[] => [
  { id: 'lane', type: 'lane_blocked', zone: 'road', for: 1_500, clear: 1_000 },
  { id: 'crowd', type: 'crowding', zone: 'road', limit, for: 1_000, clear: 1_000 },
  // Lets the model look at every picture, whatever the other rules suspect.
  { id: 'looking', type: 'crowding', limit: 1, for: 3_600_000, score: 0.1 },
]
const camera = (limit: number) =>
  ({ id: 'street', zones: { road: ZONE }, privacy: [], rules: rules(limit) }) as unknown as CameraConfig
const plain = (changes: readonly EventChange[]) => JSON.parse(JSON.stringify(changes)) as unknown

describe.skipIf(missingAssets('a street film with YOLOX-nano, judged again'))('a street film', () => {
  test('judged again from the disk it gives the events of the live run; with another limit, those of a fresh run', async () => {
    await using folder = await tempFolder()
    const ports = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
    const modelFile = assets.model('coco-yolox-nano-416')
    const detector = await createDetector({ modelFile, ...ports, minScore: 0.1 })
    const { model, labels, operatingPoints = {} } = detector
    const logs = createTrackLogs({ folder: folder.path, limits: { hours: 24, bytes: 1 << 24 }, ...ports })
    const head: TrackLogHead = { run: 1, model, labels, operatingPoints, scoreFrom: 0.1, twice: false }
    const watch = async (limit: number, written: boolean) => {
      const log = written ? await logs.open('street', head) : null
      const watcher = createWatcher({
        ...{ camera: camera(limit), timezone: 'Asia/Shanghai', detector, newId: filmIds('street') },
        ...{ log: silentLog, metrics: ports.metrics },
        ...(log ? { onPicture: log.append } : {}),
      })
      const changes: EventChange[] = []
      const path = assets.clip('street-pedestrians.mp4')
      const { signal } = new AbortController()
      const frames = decodeFile({ path, mediaTools: testMediaTools(), signal, fps: 2, width: 640 })
      for await (const frame of frames) {
        changes.push(...(await watcher.step(frame)).changes)
        if (frame.mediaMs >= 15_000) break
      }
      await log?.stop()
      return changes
    }
    try {
      const live = await watch(2, true)
      const fresh = await watch(1, false)
      const entries = await gather(logs.read('street', 0, 3_600_000))
      const again = (limit: number) => {
        const replay = createTrackReplay({
          ...{ camera: camera(limit), timezone: 'Asia/Shanghai', newId: filmIds('street') },
        })
        return entries.flatMap((entry) => replay.take(entry))
      }
      expect(live.some(({ kind }) => kind === 'start')).toBe(true)
      expect(plain(again(2))).toEqual(plain(live))
      expect(plain(again(1))).toEqual(plain(fresh))
      expect(plain(again(1))).not.toEqual(plain(live))
    } finally {
      await detector.stop()
    }
  })
})
