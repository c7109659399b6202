import { z } from 'zod'
import type { Resize } from '../family/family.ts'
import type { Description } from './description.ts'

/**
 * A foreign format met beside public models: prose for people with a few fields that help. Read loosely, for what is
 * understood; what is not falls back to the family and is named in `notes`.
 */
const sidecarSchema = z.looseObject({
  name: z.string().optional(),
  sha256: z.string().optional(),
  licence: z.string().optional(),
  source: z.looseObject({ repo: z.string() }).optional(),
  classes: z.array(z.string()).optional(),
  preprocess: z.looseObject({
    order: z.enum(['RGB', 'BGR']).optional(),
    range: z.string().optional(),
    scale: z.string().optional(),
    mean: z.tuple([z.number(), z.number(), z.number()]).optional(),
    std: z.tuple([z.number(), z.number(), z.number()]).optional(),
    resize: z.string().optional(),
  }),
  postprocess: z.looseObject({ family: z.string() }),
})

/** Their names of families → ours. */
const FAMILY_NAMES: Readonly<Record<string, string>> = {
  yolox: 'yolox',
  yolov8: 'yolov8',
  'yolov10 end-to-end': 'yolov10',
  'detr end-to-end': 'detr',
  'gfl (PicoDet/NanoDet)': 'gfl',
  fastestdet: 'fastestdet',
  'ssd two-output': 'ssd',
  yunet: 'yunet',
}

/** The description in a sidecar, or null when the JSON is none. */
export function readSidecar(json: unknown, file: string): Description | null {
  const parsed = sidecarSchema.safeParse(json)
  if (!parsed.success) return null
  const { name, sha256, licence, source, classes, preprocess, postprocess } = parsed.data
  const notes: string[] = []
  const family = FAMILY_NAMES[postprocess.family]
  if (!family) notes.push(`its family "${postprocess.family}" is not known here; looked for in the graph`)
  const resize = readResize(preprocess.resize ?? '')
  if (preprocess.resize && !resize)
    notes.push(`its resize "${preprocess.resize}" is not understood; used the family's`)
  const values = readValues(preprocess)
  if (!values) notes.push("its range and scale are not understood; used the family's")
  // The project counts classes without the background.
  const labels = classes?.[0]?.toLowerCase() === 'background' ? classes.slice(1) : classes
  return {
    kind: 'sidecar',
    file,
    ...(name === undefined ? {} : { id: name }),
    ...(family === undefined ? {} : { family }),
    ...(labels === undefined ? {} : { labels }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(licence === undefined ? {} : { licence }),
    ...(source === undefined ? {} : { source: source.repo }),
    ...sizeIn(preprocess.resize ?? ''),
    input: {
      ...(preprocess.order === undefined ? {} : { order: preprocess.order }),
      ...(resize ? { resize } : {}),
      ...values,
    },
    notes,
  }
}

/** `letterbox, picture top-left, pad 114` · `letterbox centred, pad 0` · `stretch to 320x240`. */
function readResize(words: string): Resize | null {
  if (/\bletterbox\b/.test(words)) {
    const pad = /\bpad (\d+)/.exec(words)?.[1]
    const place = /top-left/.test(words)
      ? 'top-left'
      : /\b(centred|centered)\b/.test(words)
        ? 'centred'
        : null
    return place && pad !== undefined ? { kind: 'letterbox', place, pad: Number(pad) } : null
  }
  return /\bstretch\b/.test(words) ? { kind: 'stretch' } : null
}

function sizeIn(words: string): Pick<Description, 'size'> {
  const match = /\b(\d+)x(\d+)\b/.exec(words)
  return match ? { size: { width: Number(match[1]), height: Number(match[2]) } } : {}
}

type Values = Pick<NonNullable<Description['input']>, 'range' | 'mean' | 'std'>

/** `range: 0-1`, `scale: (v-mean)/std` with both given, or `scale: (v-127)/128`. */
function readValues(preprocess: z.infer<typeof sidecarSchema>['preprocess']): Values | null {
  const { mean, std } = preprocess
  if (mean && std) return { range: '0-255', mean, std }
  const same = /^\(v-(\d+(?:\.\d+)?)\)\/(\d+(?:\.\d+)?)$/.exec(preprocess.scale ?? '')
  if (same) {
    const [m, s] = [Number(same[1]), Number(same[2])]
    return { range: '0-255', mean: [m, m, m], std: [s, s, s] }
  }
  const range = /^0-(255|1)\b/.exec(preprocess.range ?? '')?.[1]
  return range ? { range: range === '1' ? '0-1' : '0-255', mean: [0, 0, 0], std: [1, 1, 1] } : null
}
