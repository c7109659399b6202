/**
 * JSON of what came from outside, with the characters left out that PostgreSQL's text cannot hold (NUL, half a surrogate
 * pair): one bad byte in the words of a camera must not cost its worker every lease.
 */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    typeof inner === 'string' ? inner.replaceAll('\0', '').toWellFormed() : inner,
  )
