import { join } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { chosenModel, MODEL_FOLDER, TRACKER_MIN_SCORE } from '../../app/model.ts'
import { withoutLabels } from '../../app/models/without-labels.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { filmIds } from '../../inference/watch/line.ts'
import { createWatcher } from '../../inference/watch/watcher.ts'
import { createDetector } from '../../inference/worker/detector.ts'
import { decodeFile } from '../../ingest/decode/file.ts'
import { assets } from './assets.ts'
import { recordingMetrics, silentLog } from './log.ts'
import { testMediaTools } from './media-tools.ts'

/** Seconds at which `fire` or `smoke` begins in a clip, with the model that a new site runs; the first `untilS` are watched, or all. */
export async function alarms(clip: string, untilS = Number.POSITIVE_INFINITY): Promise<readonly number[]> {
  const choice = chosenModel(undefined)
  if (!choice) throw new Error('models/default.json names no model')
  const ports = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const detector = await createDetector({
    ...{ modelFile: join(MODEL_FOLDER, `${choice.name}.json`), minScore: TRACKER_MIN_SCORE },
    ...ports,
  })
  try {
    const rules = [
      { id: 'fire', type: 'fire' },
      { id: 'smoke', type: 'smoke' },
    ]
    const watcher = createWatcher({
      camera: { id: clip, zones: {}, privacy: [], rules } as unknown as CameraConfig,
      timezone: 'Asia/Shanghai',
      detector: withoutLabels(detector, choice.unused),
      newId: filmIds(clip),
      log: silentLog,
      metrics: ports.metrics,
    })
    const begun: number[] = []
    const { signal } = new AbortController()
    const path = assets.clip(clip)
    for await (const frame of decodeFile({
      path,
      mediaTools: testMediaTools(),
      signal,
      fps: 5,
      width: 640,
    })) {
      for (const { kind } of (await watcher.step(frame)).changes)
        if (kind === 'start') begun.push(frame.mediaMs / 1000)
      if (frame.mediaMs >= untilS * 1000) break
    }
    return begun
  } finally {
    await detector.stop()
  }
}
