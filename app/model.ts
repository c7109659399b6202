import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { toSharpEyesError } from '../core/errors.ts'
import { modelInvalid, unread } from '../core/model-fault.ts'
import { MODEL_FAULTS, type NoSight } from '../core/unavailable.ts'
import { resolveModel } from '../inference/model/catalogue.ts'
import { createDetector, type RunningDetector } from '../inference/worker/detector.ts'
import { PROJECT_ROOT } from './data-folder.ts'
import { DEFAULT_FILE, readDefault } from './models/default.ts'
import { withoutLabels } from './models/without-labels.ts'
import type { Tools } from './tools.ts'

/** The two-stage tracker asks for weak detections too: they keep a track alive, they never begin one (ByteTrack). */
export const TRACKER_MIN_SCORE = 0.1
export const MODEL_FOLDER = join(PROJECT_ROOT, 'models')

/** Which model is to look, and who says so. */
interface ModelChoice {
  readonly name: string
  readonly by: 'option' | 'environment' | 'default'
  /** Classes of it that are not used, with the reason. */
  readonly unused: Readonly<Record<string, string>>
}

/** As a name: no model is to look, whatever the default is. */
export const NO_MODEL = 'none'

/** `--model`, else SHARP_EYES_MODEL, else what `models/default.json` names for a new site; null when nothing does, or "none". */
export function chosenModel(
  option: string | undefined,
  defaultFile: string = join(MODEL_FOLDER, DEFAULT_FILE),
): ModelChoice | null {
  if (option) return option === NO_MODEL ? null : { name: option, by: 'option', unused: {} }
  const named = process.env.SHARP_EYES_MODEL
  if (named === NO_MODEL) return null
  if (named) return { name: named, by: 'environment', unused: {} }
  const found = readDefault(defaultFile)
  return found && { name: found.detector, by: 'default', unused: found.unused }
}

interface OpenOptions {
  readonly threads?: number
  readonly minScore?: number
  readonly unused?: Readonly<Record<string, string>>
}

/** Loads a model by id or file and starts its threads; stopped with the command. Throws `model_invalid`. */
export async function openDetector(
  name: string,
  tools: Tools,
  { unused = {}, ...options }: OpenOptions = {},
): Promise<RunningDetector> {
  const { clock, log, metrics, stack } = tools
  const detector = await createDetector({
    modelFile: await resolveModel(name, MODEL_FOLDER),
    clock,
    log,
    metrics,
    ...options,
  })
  stack.push(`model ${detector.model.id}`, () => detector.stop())
  return withoutLabels(detector, unused)
}

/** A site with its model, or without one and why. */
export type SiteModel =
  | { readonly detector: RunningDetector; readonly noSight: null }
  | { readonly detector: null; readonly noSight: NoSight }

/**
 * The model of a site. A name on the command line that leads nowhere ends the command, as any other slip there. A model that is
 * refused (another hash, another input size, crushed scores, a broken default) does not take the cameras with it: the site
 * runs, and says at its start, in health and at every camera what is not watched, and why.
 */
export async function openSiteModel(
  option: string | undefined,
  tools: Tools,
  defaultFile?: string,
): Promise<SiteModel> {
  if (option && option !== NO_MODEL) await mustExist(option)
  let name = DEFAULT_FILE
  try {
    const choice = chosenModel(option, defaultFile)
    if (!choice) return { detector: null, noSight: { kind: 'none' } }
    name = choice.name
    const { unused } = choice
    return {
      detector: await openDetector(name, tools, { minScore: TRACKER_MIN_SCORE, unused }),
      noSight: null,
    }
  } catch (error) {
    const { code, message, details } = toSharpEyesError(error)
    // No fault of the model (a thread that was killed, no file handles left): the next start may well have it.
    if (code !== 'model_invalid') throw error
    tools.log.error({ model: name, code, error: message }, 'the model was refused: its types are not watched')
    process.stderr.write(`The model ${name} was refused, what needs it is not watched: ${message}\n`)
    const fault = MODEL_FAULTS.find((known) => known === details.why) ?? null
    return {
      detector: null,
      noSight: { kind: 'refused', model: name.replaceAll(/\s/g, '_'), fault, why: message },
    }
  }
}

async function mustExist(name: string): Promise<void> {
  const file = await resolveModel(name, MODEL_FOLDER)
  await access(file).catch((cause) => {
    const { fault, text } = unread(cause)
    throw modelInvalid(fault, `--model ${file}: ${text}`, cause)
  })
}
