import { SharpEyesError } from '../../core/errors.ts'

/**
 * Refuses texts that PostgreSQL cannot store: a NUL, or half of a surrogate pair. Looked for in everything that comes
 * in, so that they are the sender's fault here and not a failure of the server later.
 */
export function refuseBrokenText(value: unknown, path = ''): void {
  if (typeof value === 'string') {
    if (!value.includes('\0') && value.isWellFormed()) return
    throw new SharpEyesError(
      'invalid',
      `${path || 'the address'}: has a NUL character or half a character, which no text may have`,
      { details: { faults: [{ path, message: 'broken text', rule: 'broken_text', values: {} }] } },
    )
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    refuseBrokenText(key, path)
    refuseBrokenText(inner, path ? `${path}.${key}` : key)
  }
}
