import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { SharpEyesError } from '../core/errors.ts'
import { resolveModel } from '../inference/model/catalogue.ts'
import { createDetector, type RunningDetector } from '../inference/worker/detector.ts'
import { PROJECT_ROOT } from './data-folder.ts'
import type { Tools } from './tools.ts'

/** The two-stage tracker asks for weak detections too: they keep a track alive, they never begin one (ByteTrack). */
export const TRACKER_MIN_SCORE = 0.1
export const MODEL_FOLDER = join(PROJECT_ROOT, 'models')
const DEFAULT_FILE = join(MODEL_FOLDER, 'default.json')
const defaultSchema = z.strictObject({ detector: z.string() })

/** `--model`, else SHARP_EYES_MODEL, else what `models/default.json` names for a new site; null when nothing does. */
export function chosenModel(option: string | undefined): string | null {
  const named = option ?? process.env.SHARP_EYES_MODEL
  if (named) return named
  if (!existsSync(DEFAULT_FILE)) return null
  const parsed = defaultSchema.safeParse(JSON.parse(readFileSync(DEFAULT_FILE, 'utf8')))
  if (!parsed.success)
    throw new SharpEyesError('model_invalid', `${DEFAULT_FILE}: must be {"detector": "<model id>"}`)
  return parsed.data.detector
}

/** Loads a model by id or file and starts its threads; stopped with the command. */
export async function openDetector(
  name: string,
  tools: Tools,
  options: { threads?: number; minScore?: number } = {},
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
  return detector
}
