import type { z } from 'zod'
import { SharpEyesError } from '../errors.ts'
import { type SchemaFault, schemaFault } from './schema-fault.ts'

/** What a schema found wrong, as `invalid` with `details.faults` [SchemaFault]. `whole`: what a fault without a path is of. */
export function invalidBy(error: z.ZodError, whole = ''): SharpEyesError {
  const faults = error.issues.map(schemaFault)
  const text = faults.map(({ path, message }) => (path || whole ? `${path || whole}: ${message}` : message))
  return invalidFaults(text.join('; '), faults)
}

export const invalidFaults = (text: string, faults: readonly SchemaFault[]): SharpEyesError =>
  new SharpEyesError('invalid', text, { details: { faults } })
