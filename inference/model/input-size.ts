import { modelInvalid } from '../../core/model-fault.ts'
import type { Graph } from '../family/family.ts'
import { inputSize } from '../family/tensor.ts'
import type { Description } from './description.ts'
import { side } from './manifest.ts'

/** Pixels. */
interface Size {
  readonly width: number
  readonly height: number
}

/**
 * The size that a model runs at: that of its graph, else of its description, else what the file was trained for (side by side), else
 * exported for, else `fallback`. Throws `model_invalid` (`size`) where graph, description and training contradict each other: a
 * graph of open size runs at any, but finds what its operating points promise only at the one that it was trained for.
 */
export function chooseSize(graph: Graph, description: Description, fallback: Size): Size {
  const fixed = inputSize(graph)
  const wanted = description.size
  const from = description.file ?? 'its description'
  if (fixed && wanted && (fixed.width !== wanted.width || fixed.height !== wanted.height)) {
    throw modelInvalid(
      'size',
      `${from} says an input of ${wanted.width}x${wanted.height}, the graph takes ` +
        `${fixed.width}x${fixed.height}; correct input.width and input.height`,
    )
  }
  const trained = trainedSize(graph)
  const size = fixed ?? wanted ?? { ...(exportedSize(graph) ?? fallback), ...trained }
  const wrong = (['width', 'height'] as const).filter((key) => size[key] !== (trained[key] ?? size[key]))
  if (wrong.length > 0) {
    const list = (before: string, value: (key: keyof Size) => unknown) =>
      wrong.map((key) => `input.${key}${before}${value(key)}`).join(' and ')
    const found = list(' ', (key) => size[key])
    throw modelInvalid(
      'size',
      `${fixed ? 'its graph takes' : `${from} says`} ${found}, but the ONNX file says that it was trained for ` +
        `${list(' ', (key) => trained[key])}, where alone its operating points hold; ` +
        (fixed ? 'export it again for that size' : `set ${list(' to ', (key) => trained[key])}`) +
        `, or use a file trained for ${found}`,
    )
  }
  return size
}

/**
 * The sides that the file says it was trained for: `input.width` and `input.height` of its `metadata_props` as models/train/export.py
 * writes them, decimal pixels; one that is absent is not judged. Throws `model_invalid` (`size`) for a value that no manifest could
 * say either: passing over it would run the model at a size that nobody has checked, with nothing to show for it.
 */
function trainedSize({ metadata }: Pick<Graph, 'metadata'>): Partial<Size> {
  const pixels = (key: keyof Size) => {
    const value = metadata[`input.${key}`]
    if (value === undefined) return {}
    if (/^\d+$/.test(value) && side.safeParse(Number(value)).success) return { [key]: Number(value) }
    throw modelInvalid(
      'size',
      `the ONNX file says input.${key} "${value.slice(0, 40)}", which is no whole number from ${side.minValue} to ${side.maxValue}; ` +
        'export it again, or correct its metadata_props',
    )
  }
  return { ...pixels('width'), ...pixels('height') }
}

/** `imgsz` as Ultralytics writes it, `[height, width]`. */
export function exportedSize(graph: Pick<Graph, 'metadata'>): Size | null {
  const match = /^\[(\d+),\s*(\d+)\]$/.exec(graph.metadata.imgsz ?? '')
  return match ? { width: Number(match[2]), height: Number(match[1]) } : null
}
