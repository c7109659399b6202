import type { Detection } from '../../core/frame.ts'
import type { Box } from '../../core/geometry.ts'
import { averagePrecision, judgePicture, type LabelledPicture, OVERLAPS } from './average-precision.ts'

/** Boxes below it are no answer, and a picture gives at most so many, of all labels together. */
export const LEAST_SCORE = 0.001
const MOST_BOXES = 100

/** What a person has drawn into one picture. Boxes are shares of the picture. */
export interface Truth {
  readonly label: string
  readonly box: Box
}

export interface ClassResult {
  /** COCO's AP at an overlap of 0.5, 0..1; null: nothing to find. */
  readonly ap50: number | null
  /** Mean of AP at 0.50, 0.55 … 0.95. */
  readonly ap50_95: number | null
  /** How many there are to find. */
  readonly boxes: number
  /** At the operating point and an overlap of 0.5: share of what is there that is found; null: nothing to find. */
  readonly recall: number | null
  /** Share of what is found that is there; null: nothing found. */
  readonly precision: number | null
  /** Its part of `falseBoxesPer100Negatives` of the evaluation. */
  readonly falseBoxesPer100Negatives: number | null
}

export interface Evaluation {
  readonly classes: Readonly<Record<string, ClassResult>>
  readonly pictures: number
  /** Pictures without any box. */
  readonly negatives: number
  /** Boxes at the operating point in pictures without any box, for 100 of them; null: there is no such picture. */
  readonly falseBoxesPer100Negatives: number | null
}

export interface Evaluator {
  add(found: readonly Detection[], truth: readonly Truth[]): void
  result(): Evaluation
}

/** Collects pictures. Only boxes of `labels` count; `operatingPoint`: lowest score of a label that counts as found in the product. */
export function createEvaluator(
  labels: readonly string[],
  operatingPoint: (label: string) => number,
): Evaluator {
  const seen = new Map<string, LabelledPicture[]>(labels.map((label) => [label, []]))
  let pictures = 0
  let negatives = 0
  const falseBoxes = new Map<string, number>()
  const per100 = (count: number) => (negatives === 0 ? null : (count / negatives) * 100)
  return {
    add(found, truth) {
      pictures += 1
      const counted = found
        .filter(({ label, score }) => score >= LEAST_SCORE && seen.has(label))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, MOST_BOXES)
      if (truth.length === 0) {
        negatives += 1
        for (const { label, score } of counted)
          if (score >= operatingPoint(label)) falseBoxes.set(label, (falseBoxes.get(label) ?? 0) + 1)
      }
      for (const [label, list] of seen)
        list.push({
          found: counted.filter((one) => one.label === label),
          truth: truth.filter((one) => one.label === label).map(({ box }) => box),
        })
    },
    result: () => ({
      classes: Object.fromEntries(
        [...seen].map(([label, list]) => [
          label,
          {
            ...classResult(list, operatingPoint(label)),
            falseBoxesPer100Negatives: per100(falseBoxes.get(label) ?? 0),
          },
        ]),
      ),
      pictures,
      negatives,
      falseBoxesPer100Negatives: per100([...falseBoxes.values()].reduce((sum, count) => sum + count, 0)),
    }),
  }
}

function classResult(
  list: readonly LabelledPicture[],
  operatingPoint: number,
): Omit<ClassResult, 'falseBoxesPer100Negatives'> {
  const boxes = list.reduce((sum, { truth }) => sum + truth.length, 0)
  const judgedAt = (overlap: number) => list.flatMap((picture) => judgePicture(picture, overlap))
  const ap = OVERLAPS.map((overlap) => averagePrecision(judgedAt(overlap), boxes))
  const reported = judgedAt(0.5).filter(({ score }) => score >= operatingPoint)
  const right = reported.filter((one) => one.right).length
  return {
    ap50: ap[0] ?? null,
    ap50_95: boxes === 0 ? null : ap.reduce<number>((sum, value) => sum + (value ?? 0), 0) / ap.length,
    boxes,
    recall: boxes === 0 ? null : right / boxes,
    precision: reported.length === 0 ? null : right / reported.length,
  }
}
