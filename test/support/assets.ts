import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * The optional folder of public models, clips and labelled pictures: SHARP_EYES_ASSETS, else `shared/assets` beside the
 * checkout. Nothing of it is committed; tests that need it are skipped without it, with the reason, in CI too.
 */
const folder = resolve(process.env.SHARP_EYES_ASSETS ?? join(import.meta.dirname, '../../../shared/assets'))

export const assets = {
  folder,
  present: existsSync(join(folder, 'models')),
  model: (name: string) => join(folder, 'models', name.endsWith('.onnx') ? name : `${name}.onnx`),
  clip: (name: string) => join(folder, 'clips', name),
  data: (...parts: string[]) => join(folder, 'data', ...parts),
}

/** For `describe.skipIf(missingAssets(...))`: prints what is not tested, and why. */
export function missingAssets(what: string): boolean {
  if (assets.present) return false
  process.stderr.write(`skipped: ${what}: no test assets in ${folder} (set SHARP_EYES_ASSETS)\n`)
  return true
}
