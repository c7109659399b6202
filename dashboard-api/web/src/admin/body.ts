/** An object in the form of the city file. */
export type Body = Readonly<Record<string, unknown>>

/** Total readings of a body's values: what is not of the shape is as if it were absent. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
export const numbersOf = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'number') : []
export const recordOf = (value: unknown): Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {}
export const recordsOf = (value: unknown): readonly Body[] =>
  Array.isArray(value) ? value.map(recordOf) : []
