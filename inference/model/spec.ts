import { basename, extname } from 'node:path'
import { modelInvalid } from '../../core/model-fault.ts'
import type { Family, Graph, InputSpec, Thresholds } from '../family/family.ts'
import { familyNamed, familyNames, recogniseFamily } from '../family/table.ts'
import { inputSize, pictureInput, shapesText, shapeText } from '../family/tensor.ts'
import type { Description } from './description.ts'
import { chooseSize } from './input-size.ts'
import { numberedLabel, parseNames, unnamedLabels } from './labels.ts'

/** Everything that turns a picture into named boxes, complete, and where each part was found. Plain data: it crosses threads. */
export interface ModelSpec {
  readonly id: string
  /** Absolute path of the ONNX file. */
  readonly file: string
  readonly sha256: string
  readonly family: string
  readonly familyWhy: string
  /** Names by class number; empty where neither file nor graph tells the classes. */
  readonly labels: readonly string[]
  readonly labelsFrom: string
  readonly input: InputSpec
  readonly thresholds: Thresholds
  readonly licence: string | null
  readonly source: string | null
  readonly describedBy: { readonly kind: Description['kind']; readonly file: string | null }
  readonly notes: readonly string[]
}

/** Name of class `classId`, also of one that nobody named. */
export const labelOf = (spec: Pick<ModelSpec, 'labels'>, classId: number): string =>
  spec.labels[classId] ?? numberedLabel(classId)

/** Lowest score of a label that counts as found, 0..1. */
export const operatingPoint = (spec: Pick<ModelSpec, 'thresholds'>, label: string): number =>
  spec.thresholds.byLabel?.[label] ?? spec.thresholds.score

/** Puts graph, description and family together. Throws `model_invalid` where they contradict each other. */
export function resolveSpec(
  model: { file: string; sha256: string },
  graph: Graph,
  description: Description,
): ModelSpec {
  checkInput(graph)
  const { family, why } = chooseFamily(graph, description)
  const defaults = family.defaults(graph)
  const size = chooseSize(graph, description, defaults.size)
  const { labels, from } = chooseLabels(graph, description, family)
  const input = { ...defaults.input, ...description.input, ...size }
  checkTrim(graph, input, description)
  return {
    id: description.id ?? basename(model.file, extname(model.file)),
    file: model.file,
    sha256: model.sha256,
    family: family.name,
    familyWhy: why,
    labels,
    labelsFrom: from,
    input,
    thresholds: { ...defaults.thresholds, ...description.thresholds },
    licence: description.licence ?? graph.metadata.license ?? null,
    source: description.source ?? null,
    describedBy: { kind: description.kind, file: description.file },
    notes: description.notes,
  }
}

function checkInput(graph: Graph): void {
  const input = pictureInput(graph)
  if (!input) {
    throw modelInvalid(
      'input',
      `takes no picture: its inputs are ${shapesText(graph.inputs) || 'none'}, expected one [1,3,height,width]`,
    )
  }
  const [batch, channels] = input.shape
  if (channels !== 3) {
    throw modelInvalid(
      'input',
      `its input ${shapeText(input)} is not [1,3,height,width]; export it with channels first (NCHW)`,
    )
  }
  if (typeof batch === 'number' && batch !== 1) {
    throw modelInvalid(
      'input',
      `its input ${shapeText(input)} takes ${batch} pictures at once; export it with a batch of 1`,
    )
  }
  if (input.type !== 'float32') {
    throw modelInvalid(
      'input',
      `its input ${shapeText(input)} is ${input.type}; export it with a float32 input`,
    )
  }
}

function checkTrim(graph: Graph, { resize }: InputSpec, description: Description): void {
  const fixed = inputSize(graph)
  if (fixed && resize.kind === 'letterbox' && resize.trim !== undefined) {
    throw modelInvalid(
      'size',
      `${description.file ?? 'its description'} says input.resize.trim ${resize.trim}, but the graph takes ${fixed.width}x${fixed.height} only; ` +
        'leave trim out, or export it with open width and height',
    )
  }
}

function chooseFamily(graph: Graph, description: Description): { family: Family; why: string } {
  if (description.family === undefined) return recogniseFamily(graph)
  const family = familyNamed(description.family)
  if (!family) {
    throw modelInvalid(
      'family',
      `the family "${description.family}" is unknown; known are ${familyNames().join(', ')}`,
    )
  }
  const { yes, why } = family.recognise(graph)
  if (!yes) {
    throw modelInvalid(
      'family',
      `${description.file ?? 'its description'} says family "${family.name}", but its outputs are ` +
        `${shapesText(graph.outputs)}, and ${family.name} ${why}. Correct the family or take the file it belongs to`,
    )
  }
  return { family, why: `${why} (named by the ${description.kind})` }
}

function chooseLabels(
  graph: Graph,
  description: Description,
  family: Family,
): { labels: readonly string[]; from: string } {
  const count = family.classCount(graph)
  const named = parseNames(graph.metadata.names)
  const own = family.defaults(graph).labels
  const found = description.labels
    ? { labels: description.labels, from: description.kind }
    : named
      ? { labels: named, from: 'names in the ONNX file' }
      : own
        ? { labels: own, from: `family ${family.name}` }
        : null
  if (!found) {
    if (count === null)
      return { labels: [], from: 'nobody names them and the graph does not count them; write a manifest' }
    const labels = unnamedLabels(count)
    return {
      labels,
      from: count === 80 ? 'exactly 80 classes: taken for COCO' : `${count} classes without names`,
    }
  }
  if (count !== null && found.labels.length !== count) {
    throw modelInvalid(
      'labels',
      `${found.from} gives ${found.labels.length} labels, the graph scores ${count} classes; make them agree`,
    )
  }
  return found
}
