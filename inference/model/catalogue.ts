import { basename, extname, join, resolve } from 'node:path'
import { modelInvalid } from '../../core/model-fault.ts'
import type { InputSpec, TensorShape, Thresholds } from '../family/family.ts'
import { manifestsOf, namesIn } from './description.ts'
import { examineModel } from './loaded-model.ts'

/** What `models list` and `models inspect` print: everything found, and the fault where there is one. */
export interface ModelReport {
  readonly id: string
  readonly file: string
  readonly bytes: number | null
  readonly sha256: string | null
  readonly producer: string | null
  readonly opset: number | null
  readonly inputs: readonly TensorShape[]
  readonly outputs: readonly TensorShape[]
  readonly family: string | null
  readonly familyWhy: string | null
  readonly labels: readonly string[]
  readonly labelsFrom: string | null
  readonly input: InputSpec | null
  readonly thresholds: Thresholds | null
  readonly licence: string | null
  readonly source: string | null
  /** `manifest`, `sidecar` or `graph`, and the file of the first two. */
  readonly describedBy: { readonly kind: string; readonly file: string | null } | null
  readonly notes: readonly string[]
  /** Why it cannot be used and the way out; null: it loads and has proved its runs. */
  readonly fault: string | null
}

/** Loads, tries and describes one model. Blocks the calling thread for up to a second: for the command line. */
export async function inspectModel(modelFile: string, manifestFile?: string): Promise<ModelReport> {
  const found = await examineModel({ modelFile, ...(manifestFile === undefined ? {} : { manifestFile }) })
  const { file, bytes, sha256, facts, graph, spec, fault } = found
  await found.model?.release()
  return {
    id: spec?.id ?? basename(file, extname(file)),
    file,
    bytes,
    sha256,
    producer: facts?.producer ?? null,
    opset: facts?.opset ?? null,
    inputs: graph?.inputs ?? [],
    outputs: graph?.outputs ?? [],
    family: spec?.family ?? null,
    familyWhy: spec?.familyWhy ?? null,
    labels: spec?.labels ?? [],
    labelsFrom: spec?.labelsFrom ?? null,
    input: spec?.input ?? null,
    thresholds: spec?.thresholds ?? null,
    licence: spec?.licence ?? facts?.metadata.license ?? null,
    source: spec?.source ?? null,
    describedBy: spec?.describedBy ?? null,
    notes: spec?.notes ?? [],
    fault: fault?.message ?? null,
  }
}

/**
 * Every model of a folder, by file name, each loaded and tried; also a manifest whose ONNX file is missing, as a fault.
 * `onModel` is told before each (`done` of `total`). Throws `model_invalid` when the folder cannot be read.
 */
export async function listModels(
  folder: string,
  onModel?: (file: string, done: number, total: number) => void,
): Promise<readonly ModelReport[]> {
  const files = new Set(
    (await namesIn(folder)).filter((name) => /\.onnx$/i.test(name)).map((name) => join(folder, name)),
  )
  const manifests = await manifestsOf(folder)
  const manifestOf = new Map(manifests.map(({ file, path }) => [file, path]))
  for (const { file } of manifests) files.add(file)
  const reports: ModelReport[] = []
  for (const file of [...files].toSorted()) {
    onModel?.(file, reports.length, files.size)
    reports.push(await inspectModel(file, manifestOf.get(file)))
  }
  return reports
}

/**
 * `--model ID|FILE` → what to load: a path that exists or looks like one as it is, else the manifest in `folder` with
 * that id. Throws `model_invalid` naming the ids there are.
 */
export async function resolveModel(name: string, folder: string): Promise<string> {
  if (/\.(onnx|json)$/i.test(name) || name.includes('/')) return resolve(name)
  const manifests = await manifestsOf(folder)
  const found = manifests.find(({ manifest }) => manifest?.id === name)
  if (found) return found.path
  const ids = manifests.flatMap(({ manifest }) => manifest?.id ?? []).join(', ')
  throw modelInvalid(
    'missing',
    `no model "${name}": ${ids ? `known ids are ${ids}` : `${folder} holds no model manifest`}. Name one of them, or a file ending in .onnx`,
  )
}
