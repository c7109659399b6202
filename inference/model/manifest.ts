import { z } from 'zod'
import { ruled } from '../../core/api/schema-fault.ts'
import { schemaFaults } from '../../core/config/parse.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { ModelFault } from '../../core/unavailable.ts'
import { familyNames } from '../family/table.ts'

const whole = (from: number, to: number) => {
  const rule = `must be a whole number from ${from} to ${to}`
  return z.int(rule).min(from, rule).max(to, rule)
}
/** A side of a model's input, pixels. */
export const side = whole(32, 4096)
const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`)
const text = z.string('must be text').min(1, 'must be text')
const SHARE = 'must be a number from 0 to 1'
const share = z.number(SHARE).min(0, SHARE).max(1, SHARE)
const TRIPLE = 'must be three numbers, one a colour plane'
const number = z.number('must be a number')
const triple = z.tuple([number, number, number], TRIPLE).readonly()
const LABELS = 'must be a list of at least one class name'
const OBJECT = 'must be an object'

const resizeSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('stretch') }),
    z
      .strictObject({
        kind: z.literal('letterbox'),
        place: oneOf('top-left', 'centred'),
        /** Value of the left-over pixels, 0..255. */
        pad: whole(0, 255),
        /** What is left over is cut off down to a multiple of this many pixels; the graph must leave width and height open. */
        trim: whole(8, 256).optional(),
      })
      .refine(({ place, trim }) => trim === undefined || place === 'top-left', {
        path: ['trim'],
        message:
          'only a picture at the top-left can have its padding cut off; leave trim out or set place to top-left',
      }),
  ],
  'must be "stretch" or "letterbox"',
)

/**
 * A model as the project describes it: one JSON file beside the ONNX file. Everything that turns a picture into named boxes
 * is in it, so that nothing has to be guessed and an event can name what found it.
 */
const modelManifestSchema = z
  .strictObject({
    /** Name in events, metrics and on the command line. */
    id: z
      .string('must be text')
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'an id is lower-case letters, digits, ".", "_" and "-"'),
    /** The ONNX file, relative to the manifest. */
    file: z.string('must be text').regex(/\.onnx$/i, 'the file of a model ends in .onnx'),
    family: oneOf(...(familyNames() as [string, ...string[]])),
    /** Names by class number, without a background class. */
    labels: z.array(text, LABELS).min(1, LABELS).readonly(),
    input: z.strictObject(
      {
        width: side,
        height: side,
        order: oneOf('RGB', 'BGR'),
        range: oneOf('0-255', '0-1'),
        /** Subtracted and divided by, in the units of `range` and the order of `order`. Absent: nothing is. */
        mean: triple.optional(),
        std: triple
          .refine((v) => v.every((n) => n !== 0), 'a deviation of 0 cannot be divided by')
          .optional(),
        resize: resizeSchema,
      },
      OBJECT,
    ),
    thresholds: z.strictObject(
      {
        /** Lowest score that counts as found. */
        score: share,
        /** Operating points of single labels, chosen on pictures that the model has not learned from. */
        byLabel: z.record(z.string(), share, 'must be an object of labels and their scores').optional(),
        /** Overlap from which the weaker of two boxes of a label goes. */
        nmsIou: share,
      },
      OBJECT,
    ),
    sha256: z.string('must be text').regex(/^[0-9a-f]{64}$/, 'sha256 is 64 lower-case hex digits'),
    licence: text,
    /** Where the weights come from. */
    source: text,
  })
  .superRefine(({ labels, thresholds }, context) => {
    for (const label of Object.keys(thresholds.byLabel ?? {}))
      if (!labels.includes(label))
        context.addIssue({
          code: 'custom',
          path: ['thresholds', 'byLabel', label],
          message: `is no label of this model; its labels: ${labels.join(', ')}. Remove it or correct its spelling`,
          ...ruled('unknown_key', { keys: label }),
        })
  })
export type ModelManifest = z.infer<typeof modelManifestSchema>

/** Checks parsed JSON. Throws `model_invalid` with every fault as `file: key: the rule; what it is`, and the way out. */
export function parseManifest(json: unknown, file: string): ModelManifest {
  const result = modelManifestSchema.safeParse(json)
  if (result.success) return result.data
  const faults = schemaFaults(result.error).map(({ path, message, rule }) => {
    const at = `${path.join('.') || 'file'}: ${message}`
    return rule === 'unknown_key' ? at : `${at}; ${found(json, path)}`
  })
  throw new SharpEyesError(
    'model_invalid',
    `${faults.map((fault) => `${file}: ${fault}`).join('\n')}. Correct the manifest: models/README.md says what each key takes`,
    { details: { why: 'description' satisfies ModelFault, faults } },
  )
}

const LONGEST_VALUE = 60

/** What stands at a path, for a person. */
function found(json: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    json,
  )
  if (value === undefined) return 'it is missing'
  const shown = JSON.stringify(value)
  return `it is ${shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)} …` : shown}`
}
