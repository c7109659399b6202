import { SharpEyesError } from './errors.ts'
import type { ModelFault } from './unavailable.ts'

/** `model_invalid` with the kind of the fault as `details.why`. */
export const modelInvalid = (why: ModelFault, message: string, cause?: unknown): SharpEyesError =>
  new SharpEyesError('model_invalid', message, { cause, details: { why } })

/** Why a file of a model could not be read, as a code and in words: `missing` only where there is none. */
export function unread(cause: unknown): { readonly fault: ModelFault; readonly text: string } {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT') return { fault: 'missing', text: 'there is no such file' }
  return { fault: 'unreadable', text: code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})` }
}
