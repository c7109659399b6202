/** As the server has it. */
export const PASSWORD_LENGTH = 10

/** What is wrong with the fields, as a word of the dictionary; null: they can be sent. */
export function passwordFault(fields: {
  readonly current: string
  readonly next: string
  readonly again: string
}): 'short' | 'same' | 'differs' | null {
  if (fields.next.length < PASSWORD_LENGTH) return 'short'
  if (fields.next === fields.current) return 'same'
  return fields.next === fields.again ? null : 'differs'
}
