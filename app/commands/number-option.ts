import { InvalidArgumentError } from 'commander'

/** A whole number within bounds. */
export const count = (least: number, most: number) => (value: string) => {
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new InvalidArgumentError(`a whole number from ${least} to ${most}`)
}
