import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { type SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import { modelInvalid, unread } from '../../core/model-fault.ts'
import type { InputSpec, Thresholds } from '../family/family.ts'
import { type ModelManifest, parseManifest } from './manifest.ts'
import { readSidecar } from './sidecar.ts'

/** What is known of a model besides its graph. Everything that is absent is read from the graph or the family. */
export interface Description {
  /** `manifest`: the project's own; `sidecar`: a foreign file; `graph`: nothing beside the ONNX file. */
  readonly kind: 'manifest' | 'sidecar' | 'graph'
  readonly file: string | null
  readonly id?: string
  readonly family?: string
  readonly labels?: readonly string[]
  readonly size?: { readonly width: number; readonly height: number }
  readonly input?: Partial<Omit<InputSpec, 'width' | 'height'>>
  readonly thresholds?: Partial<Thresholds>
  readonly sha256?: string
  readonly licence?: string
  readonly source?: string
  /** What could not be used, in words. */
  readonly notes: readonly string[]
}

/** A manifest larger than this is none: the folder is searched, so a large file must not be read. */
const LARGEST_JSON_BYTES = 1 << 20

/**
 * The ONNX file and its description for what a person named: a manifest (`.json`), or a bare `.onnx` file, beside which
 * a manifest or sidecar of the same name, then any manifest that names it, is looked for. Throws `model_invalid`.
 */
export async function describeModel(
  modelFile: string,
  manifestFile?: string,
): Promise<{ file: string; description: Description }> {
  const named = manifestFile ?? (extname(modelFile).toLowerCase() === '.json' ? modelFile : null)
  if (named === null) return { file: resolve(modelFile), description: await besideOf(resolve(modelFile)) }
  const description = read(await readJson(named), named)
  if (!description)
    throw modelInvalid('description', `${named}: is neither a model manifest nor a known sidecar`)
  const file =
    manifestFile === undefined ? join(dirname(resolve(named)), description.file) : resolve(modelFile)
  return { file, description: { ...description.description, file: resolve(named) } }
}

async function besideOf(file: string): Promise<Description> {
  const folder = dirname(file)
  const twin = join(folder, `${basename(file, extname(file))}.json`)
  const notes: string[] = []
  if (await isFile(twin)) {
    const found = read(await readJson(twin), twin)
    if (found?.file === basename(file)) return { ...found.description, file: twin }
    notes.push(`${basename(twin)} beside it is ${found ? `for ${found.file}` : 'no manifest'}; not used`)
  }
  for (const entry of await manifestsOf(folder)) {
    if (entry.file !== file) continue
    if (entry.fault) throw entry.fault
    return { ...fromManifest(entry.manifest, entry.path), notes }
  }
  return { kind: 'graph', file: null, notes }
}

/** One manifest of a folder: sound, or with its fault. `file` is the absolute path of the ONNX file it names. */
export type ManifestEntry =
  | { readonly path: string; readonly file: string; readonly manifest: ModelManifest; readonly fault: null }
  | { readonly path: string; readonly file: string; readonly manifest: null; readonly fault: SharpEyesError }

/** Every model manifest of a folder, by name. JSON that is none, or cannot be read, is passed over. Throws as `namesIn`. */
export async function manifestsOf(folder: string): Promise<readonly ManifestEntry[]> {
  const names = (await namesIn(folder)).filter((name) => extname(name).toLowerCase() === '.json').toSorted()
  const entries: ManifestEntry[] = []
  for (const name of names) {
    const path = join(folder, name)
    // A link to nothing, a file that goes meanwhile: none of them may keep the others from being found.
    const facts = await stat(path).catch(() => null)
    if (!facts?.isFile() || facts.size > LARGEST_JSON_BYTES) continue
    const json = await readJson(path).catch(() => null) // no manifest; whoever names this file is told that it is no JSON
    if (!looksLikeManifest(json)) continue
    const file = join(folder, String((json as { file: unknown }).file))
    try {
      entries.push({ path, file, manifest: parseManifest(json, path), fault: null })
    } catch (error) {
      entries.push({ path, file, manifest: null, fault: toSharpEyesError(error) })
    }
  }
  return entries
}

/** A manifest or a sidecar with the file it is for; null when the JSON is neither. */
function read(json: unknown, path: string): { file: string; description: Description } | null {
  if (looksLikeManifest(json)) {
    const manifest = parseManifest(json, path)
    return { file: manifest.file, description: fromManifest(manifest, path) }
  }
  const description = readSidecar(json, path)
  if (!description) return null
  const file = (json as { file?: unknown }).file
  return { file: typeof file === 'string' ? file : `${basename(path, extname(path))}.onnx`, description }
}

const looksLikeManifest = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'file' in json && 'input' in json && 'family' in json

function fromManifest(manifest: ModelManifest, path: string): Description {
  const { width, height, mean, std, ...input } = manifest.input
  return {
    kind: 'manifest',
    file: path,
    id: manifest.id,
    family: manifest.family,
    labels: manifest.labels,
    size: { width, height },
    input: { ...input, mean: mean ?? [0, 0, 0], std: std ?? [1, 1, 1] },
    thresholds: manifest.thresholds,
    sha256: manifest.sha256,
    licence: manifest.licence,
    source: manifest.source,
    notes: [],
  }
}

/** Throws `model_invalid` when the folder cannot be read. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    throw modelInvalid(
      unread(cause).fault,
      `the model folder ${folder} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      cause,
    )
  }
}

async function readJson(path: string): Promise<unknown> {
  let body: string
  try {
    body = await readFile(path, 'utf8')
  } catch (cause) {
    const { fault, text } = unread(cause)
    throw modelInvalid(fault, `${path}: ${text}`, cause)
  }
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw modelInvalid('description', `${path}: is not JSON: ${(cause as Error).message}`, cause)
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    const { fault, text } = unread(error)
    if (fault === 'missing') return false
    throw modelInvalid(fault, `${path}: ${text}`, error)
  }
}
