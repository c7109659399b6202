import { SharpEyesError } from '../../core/errors.ts'
import type { ModelFault } from '../../core/unavailable.ts'
import { detr } from './detr.ts'
import type { Family, Graph } from './family.ts'
import { fastestdet } from './fastestdet.ts'
import { gfl } from './gfl.ts'
import { ssd } from './ssd.ts'
import { shapesText } from './tensor.ts'
import { yolov8 } from './yolov8.ts'
import { yolov10 } from './yolov10.ts'
import { yolox } from './yolox.ts'
import { yunet } from './yunet.ts'

/**
 * Every decoder family, in the order in which a graph is tried: the strictest first, because a one-class grid and a
 * finished list have the same six columns. A new family is one file and one line here.
 */
export const FAMILIES: readonly Family[] = [yolox, yolov8, yolov10, detr, yunet, gfl, fastestdet, ssd]

export const familyNames = (): readonly string[] => FAMILIES.map((family) => family.name)

export const familyNamed = (name: string): Family | undefined =>
  FAMILIES.find((family) => family.name === name)

/** The family of a graph and why. Throws `model_invalid` that names the outputs seen and what each family missed. */
export function recogniseFamily(graph: Graph): { family: Family; why: string } {
  const tried: string[] = []
  for (const family of FAMILIES) {
    const { yes, why } = family.recognise(graph)
    if (yes) return { family, why }
    tried.push(`${family.name} ${why}`)
  }
  throw new SharpEyesError(
    'model_invalid',
    `unknown decoder family: its outputs are ${shapesText(graph.outputs) || 'none'}. Known families: ${tried.join('; ')}. ` +
      'Export the detector without its own post-processing, or add the family as a file in inference/family.',
    { details: { why: 'family' satisfies ModelFault, outputs: graph.outputs } },
  )
}
