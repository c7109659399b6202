import { InvalidArgumentError } from 'commander'

/** 0: any free one. */
export function portOption(value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number
  throw new InvalidArgumentError('a port is a number from 0 to 65535')
}
