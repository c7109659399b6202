import sharp from 'sharp'
import { SharpEyesError } from '../../core/errors.ts'
import type { Frame } from '../../core/frame.ts'
import { createEvaluator, type Evaluation, LEAST_SCORE } from '../../inference/evaluation/evaluate.ts'
import { operatingPoint } from '../../inference/model/spec.ts'
import { median } from '../bench/statistics.ts'
import { openDetector } from '../model.ts'
import { createProgress } from '../progress.ts'
import type { Tools } from '../tools.ts'
import { type MatchedNames, matchNames } from './class-names.ts'
import { type LabelledSet, readLabelled } from './labelled.ts'

export interface ModelEvaluation extends Evaluation {
  readonly model: string
  readonly sha256: string
  /** Classes of the pictures that the model lacks. */
  readonly leftOut: readonly string[]
  /** What may make a figure another one than was meant: files passed over, names taken for others. */
  readonly warnings: readonly string[]
  /** Median of one thread: picture into tensor, run, boxes. */
  readonly msPerFrame: number
}

/**
 * Average precision of any model on labelled pictures. `only`: classes that count; default: all of `classes.txt` that the model
 * has, and where it names none fire and smoke (of a model without them all); names as `matchNames` takes them. Throws
 * `bad_request` when nothing could be judged.
 */
export async function evaluateModel(
  name: string,
  folder: string,
  only: readonly string[] | null,
  tools: Tools,
): Promise<ModelEvaluation> {
  const set = await readLabelled(folder)
  const times: number[] = []
  // A command has no page of metrics: only the times of its own runs are wanted.
  const metrics = {
    ...tools.metrics,
    observe(metric: string, _: Record<string, string>, value: number) {
      if (metric === 'inference_seconds') times.push(value * 1_000)
    },
  }
  const detector = await openDetector(name, { ...tools, metrics }, { minScore: LEAST_SCORE })
  const wanted = only ?? (set.classes.length > 0 ? set.classes : hazardsOf(detector.labels))
  const asked = matchNames(wanted, detector.labels)
  const { labels, leftOut } = asked
  if (labels.length === 0)
    throw new SharpEyesError(
      'bad_request',
      leftOut.length > 0
        ? `model ${detector.spec.id} knows none of ${leftOut.join(', ')}; it knows ${namesOf(detector.labels)}`
        : `--classes names no class; model ${detector.spec.id} knows ${namesOf(detector.labels)}`,
    )
  const named = matchNames(set.classes, detector.labels)
  const counted = new Set([...labels, ...leftOut])
  const evaluator = createEvaluator(labels, (label) => operatingPoint(detector.spec, label))
  const bar = createProgress(set.pictures.length, 'pictures')
  let done = 0
  for await (const { detections } of detector.detectAll(framesOf(set))) {
    // A negative shows none of the classes that are asked for; what else is labelled in it is another question.
    const drawn = set.pictures[done]?.truth ?? []
    const truth = drawn.map(({ label, box }) => ({ label: named.labelOf(label) ?? label, box }))
    evaluator.add(detections, only === null ? truth : truth.filter(({ label }) => counted.has(label)))
    done += 1
    bar.at(done)
  }
  bar.end()
  return {
    model: detector.spec.id,
    sha256: detector.spec.sha256,
    ...evaluator.result(),
    leftOut,
    warnings: [...set.warnings, ...warningsOf(only, asked, named, detector.labels)],
    msPerFrame: median(times),
  }
}

/**
 * What pictures without a list of classes are negatives of: the hazards that must not be there. Persons and cars may well stand in
 * them, and to find these is no mistake. A model of other things is asked for all it knows.
 */
function hazardsOf(labels: readonly string[]): readonly string[] {
  const hazards = labels.filter((label) => HAZARDS.includes(label))
  return hazards.length > 0 ? hazards : labels
}
const HAZARDS = ['fire', 'smoke']

/** What the names of classes make doubtful. `only`: those of `--classes`; `known`: all that the model knows. */
function warningsOf(
  only: readonly string[] | null,
  asked: MatchedNames,
  named: MatchedNames,
  known: readonly string[],
): readonly string[] {
  const otherwise = [...asked.otherwise, ...named.otherwise].filter(({ label }) =>
    asked.labels.includes(label),
  )
  const unlabelled = asked.labels.filter((label) => !named.labels.includes(label))
  const warnings = otherwise.map(({ name, label }) => `"${name}" is taken for the model's class ${label}`)
  if (only === null && unlabelled.length > 0)
    warnings.push(
      known.length > asked.labels.length
        ? `classes.txt names no class: the pictures are taken as free of ${asked.labels.join(' and ')}; name others with --classes`
        : 'classes.txt names no class: all of the model count, and what it rightly finds is a false box too; name with --classes what the pictures are free of',
    )
  else if (unlabelled.length > 0)
    warnings.push(`classes.txt does not name ${unlabelled.join(', ')}: every find of it counts as false`)
  return [...new Set(warnings)]
}

const MOST_NAMES = 12
const namesOf = (labels: readonly string[]) =>
  labels.length <= MOST_NAMES
    ? labels.join(', ')
    : `${labels.slice(0, MOST_NAMES).join(', ')} and ${labels.length - MOST_NAMES} more`

/** Pictures as a person sees them: turned as their EXIF says, without an alpha channel. */
async function* framesOf(set: LabelledSet): AsyncGenerator<Frame> {
  for (const [index, { file }] of set.pictures.entries()) {
    const { data, info } = await sharp(file)
      .autoOrient()
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
      .catch((cause: Error) => {
        throw new SharpEyesError(
          'bad_request',
          `${file}: is no picture that can be read (${cause.message})`,
          { cause },
        )
      })
    yield {
      ...{ cameraId: 'pictures', connection: 1, index, mediaMs: index, capturedAt: index, key: true },
      ...{
        discontinuity: true,
        clock: { kind: 'media', errorMs: 0 },
        width: info.width,
        height: info.height,
      },
      rgb: data,
    }
  }
}

/** The same as a table. */
export function evaluationText(result: ModelEvaluation): string {
  const percent = (value: number | null) => (value === null ? '-' : value.toFixed(3))
  const rows = Object.entries(result.classes).map(([label, one]) => [
    ...[label, percent(one.ap50), percent(one.ap50_95), percent(one.precision), percent(one.recall)],
    String(one.boxes),
    one.falseBoxesPer100Negatives?.toFixed(1) ?? '-',
  ])
  const table = [['class', 'AP50', 'AP50-95', 'precision', 'recall', 'boxes', 'false/100'], ...rows]
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  )
  const falseBoxes = result.falseBoxesPer100Negatives
  return [
    `${result.model} on ${result.pictures} pictures, ${result.negatives} of them without a box`,
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    `false boxes per 100 negatives at the operating point: ${falseBoxes === null ? 'no negatives' : falseBoxes.toFixed(1)}`,
    `${result.msPerFrame.toFixed(1)} ms a picture on one thread`,
    ...(result.leftOut.length > 0 ? [`left out, as the model lacks them: ${result.leftOut.join(', ')}`] : []),
  ].join('\n')
}
