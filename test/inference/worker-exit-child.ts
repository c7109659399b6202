import { systemClock } from '../../adapters/clock.ts'
import { createDetector } from '../../inference/worker/detector.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { drawFinding } from '../support/onnx.ts'
import { asFrame } from '../support/pictures.ts'

// A process of its own, so that its exit code is seen: ends in the way of argv[3] while its slow model works.
const [, , modelFile = '', way] = process.argv
const detector = await createDetector({
  modelFile,
  threads: 2,
  clock: systemClock,
  log: silentLog,
  metrics: recordingMetrics(),
})
let answered = 0
const calls = ['a', 'b'].map((camera) =>
  detector.detect(asFrame(drawFinding({ cell: 0, score: 0.9 }), { cameraId: camera })).then(
    () => answered++,
    () => undefined,
  ),
)
// The runs have begun: a message between threads takes far less, a run far more.
await systemClock.sleep(60)
process.stdout.write(`answered before: ${answered}\n`)
switch (way) {
  case 'stop':
    await detector.stop()
    await Promise.all(calls)
    process.stdout.write(`answered after: ${answered}\n`)
    break
  case 'exit':
    process.exit(3)
    break
  case 'throw':
    throw new Error('something else went wrong')
  default:
    throw new Error(`unknown way ${way}`)
}
