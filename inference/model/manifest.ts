import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'
import type { ModelFault } from '../../core/unavailable.ts'
import { familyNames } from '../family/table.ts'

/** A side of a model's input, pixels. */
export const side = z.int().min(32).max(4096)
const share = z.number().min(0).max(1)
const triple = z.tuple([z.number(), z.number(), z.number()]).readonly()

const resizeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('stretch') }),
  z
    .strictObject({
      kind: z.literal('letterbox'),
      place: z.enum(['top-left', 'centred']),
      /** Value of the left-over pixels, 0..255. */
      pad: z.int().min(0).max(255),
      /** What is left over is cut off down to a multiple of this many pixels; the graph must leave width and height open. */
      trim: z.int().min(8).max(256).optional(),
    })
    .refine(({ place, trim }) => trim === undefined || place === 'top-left', {
      path: ['trim'],
      message:
        'only a picture at the top-left can have its padding cut off; leave trim out or set place to top-left',
    }),
])

/**
 * A model as the project describes it: one JSON file beside the ONNX file. Everything that turns a picture into named boxes
 * is in it, so that nothing has to be guessed and an event can name what found it.
 */
const modelManifestSchema = z
  .strictObject({
    /** Name in events, metrics and on the command line. */
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'an id is lower-case letters, digits, ".", "_" and "-"'),
    /** The ONNX file, relative to the manifest. */
    file: z.string().regex(/\.onnx$/i, 'the file of a model ends in .onnx'),
    family: z.enum(familyNames() as [string, ...string[]]),
    /** Names by class number, without a background class. */
    labels: z.array(z.string().min(1)).min(1).readonly(),
    input: z.strictObject({
      width: side,
      height: side,
      order: z.enum(['RGB', 'BGR']),
      range: z.enum(['0-255', '0-1']),
      /** Subtracted and divided by, in the units of `range` and the order of `order`. Absent: nothing is. */
      mean: triple.optional(),
      std: triple.refine((v) => v.every((n) => n !== 0), 'a deviation of 0 cannot be divided by').optional(),
      resize: resizeSchema,
    }),
    thresholds: z.strictObject({
      /** Lowest score that counts as found. */
      score: share,
      /** Operating points of single labels, chosen on pictures that the model has not learned from. */
      byLabel: z.record(z.string(), share).optional(),
      /** Overlap from which the weaker of two boxes of a label goes. */
      nmsIou: share,
    }),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'sha256 is 64 lower-case hex digits'),
    licence: z.string().min(1),
    /** Where the weights come from. */
    source: z.string().min(1),
  })
  .superRefine(({ labels, thresholds }, context) => {
    for (const label of Object.keys(thresholds.byLabel ?? {}))
      if (!labels.includes(label))
        context.addIssue({
          code: 'custom',
          path: ['thresholds', 'byLabel', label],
          message: `is no label of this model; its labels: ${labels.join(', ')}`,
        })
  })
export type ModelManifest = z.infer<typeof modelManifestSchema>

/** Checks parsed JSON. Throws `model_invalid` with every fault as `file: key: what is wrong`. */
export function parseManifest(json: unknown, file: string): ModelManifest {
  const result = modelManifestSchema.safeParse(json)
  if (result.success) return result.data
  const faults = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(
          (key) => `${[...issue.path, key].join('.')}: unknown key; remove it or correct its spelling`,
        )
      : [`${issue.path.join('.') || 'file'}: ${issue.message}`],
  )
  throw new SharpEyesError('model_invalid', faults.map((fault) => `${file}: ${fault}`).join('\n'), {
    details: { why: 'description' satisfies ModelFault, faults },
  })
}
