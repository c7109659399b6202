import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { modelInvalid } from '../../core/model-fault.ts'

export const DEFAULT_FILE = 'default.json'

const schema = z.strictObject({
  /** Id of a model of the folder, or a file. */
  detector: z.string().min(1),
  /** Its classes that a new site does not use, with the reason, which screens show. */
  unused: z.record(z.string(), z.string().trim().min(1).max(500)).default({}),
})
type DefaultModel = z.infer<typeof schema>

/** What a new site runs; null: the file is not there. Throws `model_invalid` with the file and its fault. */
export function readDefault(file: string): DefaultModel | null {
  if (!existsSync(file)) return null
  const refuse = (why: string, cause: unknown) =>
    modelInvalid(
      'default_file',
      `${file}: ${why}; it must be {"detector": "<model id>"}, with {"unused": {"<class>": "<reason>"}} where wanted`,
      cause,
    )
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw refuse(`cannot be read (${(error as Error).message})`, error)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`)
  throw refuse(faults.join('; '), parsed.error)
}
