import { modelInvalid } from '../../core/model-fault.ts'
import type { RawBox } from '../family/family.ts'
import type { OnnxFacts } from './onnx-file.ts'
import type { Picture } from './preprocess.ts'

/** A step this coarse leaves no score between "never" and "always": a sound int8 score has steps of about 1/256. */
const COARSEST_STEP = 0.1

/** Beyond so many cells two of a sound model always have nearly the same score. */
const MANY_CELLS = 200

/** Pictures without meaning but full of structure: noise, slopes with blocks, stripes. The same at every start. */
export function trialPictures(width: number, height: number): readonly Picture[] {
  let seed = 0x2545f491
  const noise = () => {
    seed ^= seed << 13
    seed ^= seed >>> 17
    seed ^= seed << 5
    return seed & 0xff
  }
  const draw = (value: (x: number, y: number, channel: number) => number): Picture => {
    const rgb = new Uint8Array(width * height * 3)
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) rgb[at++] = value(x, y, c)
    }
    return { width, height, rgb }
  }
  const block = Math.max(8, width >> 3)
  return [
    draw(noise),
    draw((x, y, c) =>
      (Math.floor(x / block) + Math.floor(y / block)) % 2 === 0
        ? (255 * x) / width
        : 60 * c + (90 * y) / height,
    ),
    draw((x, y) => (((x + 2 * y) >> 4) % 2 === 0 ? 230 : 20)),
  ]
}

/**
 * Whether a model that ran on the trial pictures can find anything at all. `found` holds every box of every cell of each
 * trial, without a threshold. Throws `model_invalid` with the fault and the way out.
 *
 * Crushed scores are known without a picture of anything real, because it is their resolution that is lost and not their height:
 * every score is the same, and no fine step of the outputs that scores are read from (`scoreOutputs`) explains it; or is a multiple of the coarse step of one of them;
 * or, wherever in the graph it happened, no two different scores among hundreds of cells are closer than `COARSEST_STEP`. How high scores are says nothing here: a sound model finds
 * nothing in noise. `finished`: the graph ends with its own list of things, filled up with empty rows, which say nothing; neither do
 * the few that it finds in noise, so that only a list with hundreds of rows is judged. (The sound public int8 and float models of the tests have 800 to 38,000 different scores on these pictures.)
 */
export function checkTrial(
  found: readonly (readonly RawBox[])[],
  facts: OnnxFacts,
  {
    scoreOutputs,
    finished = false,
  }: { readonly scoreOutputs: readonly string[]; readonly finished?: boolean },
): void {
  const boxes = finished ? found.flat().filter((box) => !isFilling(box)) : found.flat()
  if (boxes.length === 0) return
  const isTelling = !finished || boxes.length >= MANY_CELLS
  const scores = boxes.map((box) => box.score)
  if (scores.some((score) => !Number.isFinite(score))) {
    throw modelInvalid(
      'scores',
      'gives scores that are no numbers (NaN or infinite); the export is broken, try it in float32',
    )
  }
  const highest = scores.reduce((a, b) => Math.max(a, b))
  const lowest = scores.reduce((a, b) => Math.min(a, b))
  // Of an output of several tensors it is not known which of them has the scores.
  const [output, [step] = []] =
    scoreOutputs
      .map((name) => [name, facts.outputSteps[name] ?? []] as const)
      .find(([, [one = 0, ...more]]) => more.length === 0 && one > COARSEST_STEP) ?? []
  const gap = smallestGap(scores)
  const coarse = scores.length >= MANY_CELLS && Number.isFinite(gap) && gap > COARSEST_STEP
  // A fine step rounds all that a confident model sees in noise to nothing, and loses nothing. An unknown one may be a coarse one.
  const steps = scoreOutputs.flatMap((name) => facts.outputSteps[name] ?? [Number.POSITIVE_INFINITY])
  const rounded = steps.every((each) => each <= COARSEST_STEP) && highest < Math.max(...steps)
  const same = highest === lowest && !rounded
  const crushed = same || coarse || (step !== undefined && scores.every((score) => isMultiple(score, step)))
  if (crushed && isTelling) {
    const why =
      step === undefined
        ? highest === lowest
          ? `every score of ${boxes.length} is ${lowest}, whatever the picture`
          : `no two different scores of ${boxes.length} are closer than ${gap.toPrecision(3)}`
        : `its output "${output}" moves in steps of ${step.toPrecision(4)}, made for box coordinates, so that every score ` +
          `is rounded to ${lowest}`
    throw modelInvalid(
      'scores',
      `would never find anything: ${why}. Its scores were crushed by an int8 scale that they share with the boxes; ` +
        'quantise again with the last Concat (and what follows) left in float, or use the float32 model',
    )
  }
  if (highest > 1.001 || lowest < -0.001) {
    throw modelInvalid(
      'scores',
      `gives scores from ${lowest.toPrecision(3)} to ${highest.toPrecision(3)} instead of 0 to 1; ` +
        'it is of another family than its shapes suggest, or lacks its last sigmoid',
    )
  }
  const odd = boxes.filter(
    (box) => ![box.left, box.top, box.right, box.bottom].every((v) => Math.abs(v) < 1e5),
  )
  if (odd.length > boxes.length / 100) {
    throw modelInvalid(
      'boxes',
      `gives ${odd.length} of ${boxes.length} boxes beyond any picture; it is of another family than its shapes suggest, ` +
        'or its graph decodes the boxes already (export YOLOX without --decode_in_inference)',
    )
  }
}

/** An empty row of a list of fixed length: no box, no score. */
const isFilling = ({ left, top, right, bottom, score }: RawBox) =>
  score <= 0 && (right <= left || bottom <= top)

/** Between two different scores; infinite when all are the same. */
function smallestGap(scores: readonly number[]): number {
  const levels = [...new Set(scores)].toSorted((a, b) => a - b)
  return levels.slice(1).reduce((gap, level, i) => Math.min(gap, level - (levels[i] as number)), Infinity)
}

const isMultiple = (value: number, step: number) => Math.abs(value / step - Math.round(value / step)) < 1e-3
