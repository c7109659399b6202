import { join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import { inspectModel } from '../../inference/model/catalogue.ts'
import { describeModel, manifestsOf, namesIn } from '../../inference/model/description.ts'

export interface Verified {
  /** The manifest, or the ONNX file that was named. */
  readonly file: string
  /** Of the ONNX file as it is. */
  readonly sha256: string | null
  /** As loading it would say it; null: the file is what its description says, and it runs. */
  readonly fault: string | null
}

/** Every manifest of a folder, and every ONNX file that none of them names. Throws `model_invalid` where there is nothing. */
export async function filesToVerify(folder: string): Promise<readonly string[]> {
  const manifests = await manifestsOf(folder)
  const named = new Set(manifests.map(({ file }) => file))
  const bare = (await namesIn(folder))
    .filter((name) => /\.onnx$/i.test(name))
    .map((name) => join(folder, name))
  const files = [...manifests.map(({ path }) => path), ...bare.filter((file) => !named.has(file))]
  if (files.length === 0)
    throw new SharpEyesError(
      'model_invalid',
      `${folder} holds no model to verify: name a manifest or an .onnx file`,
    )
  return files.toSorted()
}

/** Loads and tries a model. Where no description says which bytes are meant, nothing can be verified: that is a fault here. */
export async function verifyModel(file: string): Promise<Verified> {
  const { sha256, fault } = await inspectModel(file)
  if (fault !== null) return { file, sha256, fault }
  const { description } = await describeModel(file)
  const nothing = `${file}: no manifest beside it says its sha256, so that nothing can be compared; write one (models/README.md)`
  return { file, sha256, fault: description.sha256 === undefined ? nothing : null }
}
