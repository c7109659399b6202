import { readFile } from 'node:fs/promises'
import { familyNamed } from '../../inference/family/table.ts'
import { examineModel } from '../../inference/model/loaded-model.ts'
import { inputFor, placePicture } from '../../inference/model/placement.ts'
import type { Picture } from '../../inference/model/preprocess.ts'
import { openSession } from '../../inference/model/session.ts'
import { type BenchReport, figure } from '../bench/report.ts'

export interface SpeedOptions {
  /** Pictures a run. */
  readonly pictures: number
  readonly runs: number
}

/** Size of the pictures that cameras are analysed at. */
const WIDTH = 640
const HEIGHT = 352
const WARM_UP = 10
const MIB = 1 << 20

/**
 * Processor milliseconds and memory of one model on one thread: the whole way of a picture (tensor, run, boxes), beside bare
 * ONNX Runtime on a tensor that is made once. Both in turns in this process; blocks it.
 */
export async function benchModel(modelFile: string, options: SpeedOptions): Promise<BenchReport> {
  const before = process.memoryUsage.rss()
  const { file, spec, facts, model, fault } = await examineModel({ modelFile })
  if (!model || !spec || !facts) throw fault ?? new Error(`${modelFile}: no model`)
  try {
    const picture = noise()
    const ours = () => model.detect(picture)
    await times(WARM_UP, ours)
    const ourMemory = process.memoryUsage.rss() - before
    const middle = process.memoryUsage.rss()
    const session = await openSession(await readFile(file), facts)
    try {
      // The size that such a picture takes in the model, so that both do the same work.
      const size = inputFor(placePicture(picture, spec.input), spec.input)
      const tensor = new Float32Array(3 * size.width * size.height).fill(0.5)
      const extra = familyNamed(spec.family)?.extraInputs?.(spec.input) ?? {}
      const bare = () => session.run(tensor, size, extra)
      await times(WARM_UP, bare)
      const bareMemory = process.memoryUsage.rss() - middle
      const mine: number[] = []
      const theirs: number[] = []
      for (let run = 0; run < options.runs; run++) {
        theirs.push(await cpuMs(options.pictures, bare))
        mine.push(await cpuMs(options.pictures, ours))
      }
      const ratios = mine.map((ms, run) => ms / (theirs[run] as number))
      return {
        bench: `models ${spec.id}`,
        about: [
          `${spec.family}, ${spec.input.width}x${spec.input.height}, ${spec.labels.length} labels, ${file}`,
          `${options.pictures} pictures of ${WIDTH}x${HEIGHT} a run, one thread; bare ONNX Runtime in turns with it in the same process`,
        ],
        figures: [
          figure('a picture, from pixels to boxes', 'CPU-ms', mine),
          figure('bare ONNX Runtime', 'CPU-ms', theirs),
          figure('ratio', '×', ratios),
          figure('memory of the model with its session', 'MiB', [ourMemory / MIB]),
          figure('memory of a bare session more', 'MiB', [bareMemory / MIB]),
        ],
        warnings: [],
      }
    } finally {
      await session.release()
    }
  } finally {
    await model.release()
  }
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n++) await work()
}

/** Processor milliseconds of one call, mean over `count`. */
async function cpuMs(count: number, work: () => Promise<unknown>): Promise<number> {
  const from = process.cpuUsage()
  await times(count, work)
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1_000 / count
}

/** Every value occurs, nothing is in it: work that does not depend on what is found. */
function noise(): Picture {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3)
  // Fibonacci hashing: even and without a period that a convolution would see.
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.imul(i, 0x9e3779b1) >>> 24
  return { width: WIDTH, height: HEIGHT, rgb }
}
