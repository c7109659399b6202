import { SharpEyesError } from './errors.ts'
import type { ModelFault } from './unavailable.ts'

/** `model_invalid` with the kind of the fault as `details.why`. */
export const modelInvalid = (why: ModelFault, message: string, cause?: unknown): SharpEyesError =>
  new SharpEyesError('model_invalid', message, { cause, details: { why } })
