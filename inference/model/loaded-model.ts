import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Detection } from '../../core/frame.ts'
import { modelInvalid, unread } from '../../core/model-fault.ts'
import type { Family, Graph, RawBox } from '../family/family.ts'
import { suppress } from '../family/nms.ts'
import { familyNamed } from '../family/table.ts'
import { type Description, describeModel } from './description.ts'
import { type OnnxFacts, readOnnx } from './onnx-file.ts'
import { toPicture } from './placement.ts'
import { createPreprocess, type Picture } from './preprocess.ts'
import { openSession, type Session } from './session.ts'
import { labelOf, type ModelSpec, operatingPoint, resolveSpec } from './spec.ts'
import { checkTrial, trialPictures } from './trial.ts'

/** No picture holds more things that anybody could act on. */
const MOST_DETECTIONS = 300

export interface ModelRequest {
  /** An ONNX file, or a manifest (`.json`). */
  readonly modelFile: string
  /** A manifest kept elsewhere than beside the file. */
  readonly manifestFile?: string
  /** Refuses any other bytes: a worker started later must not run another model than its events name. */
  readonly sha256?: string
}

/** A model that has proved one run. `detect` blocks its thread while it computes. */
export interface LoadedModel {
  readonly spec: ModelSpec
  /** Things in the picture at or above `minScore` (by default the operating point of their label), best first. */
  detect(picture: Picture, minScore?: number): Promise<readonly Detection[]>
  release(): Promise<void>
}

/** Everything learned of a model up to the first fault, if any. The session is open exactly when there is none. */
export interface Examination {
  readonly file: string
  readonly bytes: number | null
  readonly sha256: string | null
  readonly facts: OnnxFacts | null
  readonly graph: Graph | null
  readonly spec: ModelSpec | null
  readonly fault: SharpEyesError | null
  readonly model: LoadedModel | null
}

/** Loads a model and proves it by a trial run. Throws `model_invalid` with the file, the fault and the way out. */
export async function loadModel(request: ModelRequest): Promise<LoadedModel> {
  const { model, fault } = await examineModel(request)
  if (model) return model
  throw fault ?? new SharpEyesError('internal', `${request.modelFile}: examined without result`)
}

/** As `loadModel`, but the fault is part of the answer beside all that was found before it. Never throws. */
export async function examineModel(request: ModelRequest): Promise<Examination> {
  const found: { -readonly [K in keyof Examination]: Examination[K] } = {
    file: request.modelFile,
    bytes: null,
    sha256: null,
    facts: null,
    graph: null,
    spec: null,
    fault: null,
    model: null,
  }
  let session: Session | null = null
  try {
    const { file, description } = await describeModel(request.modelFile, request.manifestFile)
    found.file = file
    const bytes = await readModelFile(file)
    found.bytes = bytes.length
    found.sha256 = createHash('sha256').update(bytes).digest('hex')
    checkHash(found.sha256, request, description)
    found.facts = readOnnx(bytes)
    session = await openSession(bytes, found.facts)
    found.graph = session.graph
    found.spec = resolveSpec({ file, sha256: found.sha256 }, session.graph, description)
    found.model = await proveModel(session, found.spec, found.facts)
  } catch (error) {
    const { code, message, details } = toSharpEyesError(error)
    const named = message.includes(found.file) ? message : `model ${found.file}: ${message}`
    found.fault = new SharpEyesError(code, named, { cause: error, details })
    await session?.release()
  }
  return found
}

async function readModelFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    const { fault, text } = unread(cause)
    throw modelInvalid(fault, `${text}; name an .onnx file or a model manifest`, cause)
  }
}

function checkHash(actual: string, request: ModelRequest, description: Description): void {
  if (request.sha256 !== undefined && request.sha256 !== actual) {
    throw modelInvalid(
      'changed',
      `the file changed while it was in use: sha256 is ${actual}, was ${request.sha256}. Restart to use the new one`,
    )
  }
  if (description.sha256 !== undefined && description.sha256 !== actual) {
    throw modelInvalid(
      'hash',
      `sha256 is ${actual}, but ${description.file ?? 'its description'} says ${description.sha256}. Fetch the file again, ` +
        'or correct the sha256 if the new file is meant',
    )
  }
}

async function proveModel(session: Session, spec: ModelSpec, facts: OnnxFacts): Promise<LoadedModel> {
  const family = familyNamed(spec.family)
  if (!family) throw new SharpEyesError('internal', `the family ${spec.family} left the table`)
  const find = createFinder(session, spec, family)
  const everything: (readonly RawBox[])[] = []
  const { width, height, resize } = spec.input
  const pictures = [...trialPictures(width, height)]
  // With its padding cut off a model runs at many sizes: one of them is tried too.
  if (resize.kind === 'letterbox' && resize.trim)
    pictures.push(...trialPictures(width, height >> 1).slice(0, 1))
  for (const picture of pictures) everything.push((await find(picture, Number.NEGATIVE_INFINITY)).boxes)
  const scoreOutputs =
    family.scoreOutputs?.(session.graph) ?? session.graph.outputs.map((output) => output.name)
  checkTrial(everything, facts, { scoreOutputs, finished: !family.needsNms })
  const weakest = Math.min(...spec.labels.map((label) => operatingPoint(spec, label)), spec.thresholds.score)
  return {
    spec,
    async detect(picture, minScore) {
      const { boxes: all, placement } = await find(picture, minScore ?? weakest)
      const boxes =
        minScore === undefined
          ? all.filter(({ classId, score }) => score >= operatingPoint(spec, labelOf(spec, classId)))
          : all
      const kept = family.needsNms
        ? suppress(boxes, spec.thresholds.nmsIou)
        : boxes.toSorted((a, b) => b.score - a.score)
      const detections: Detection[] = []
      for (const box of kept) {
        const place = toPicture(box, placement)
        if (place)
          detections.push({ label: labelOf(spec, box.classId), score: Math.min(1, box.score), box: place })
        if (detections.length === MOST_DETECTIONS) break
      }
      return detections
    },
    release: () => session.release(),
  }
}

function createFinder(session: Session, spec: ModelSpec, family: Family) {
  const preprocess = createPreprocess(spec.input)
  const extra = family.extraInputs?.(spec.input) ?? {}
  const outputNames = session.graph.outputs.map((output) => output.name)
  return async (picture: Picture, minScore: number) => {
    const { data, width, height, placement } = preprocess(picture)
    const outputs = await session.run(data, { width, height }, extra)
    return { boxes: family.decode(outputs, { width, height, minScore, outputNames }), placement }
  }
}
