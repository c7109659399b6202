import type { Told } from '../../../../core/told.ts'

/** Replies of other programs, told with their number: `http_503`, `smtp_550`. */
const REPLY = /^(http|smtp)_(\d{3})$/

/** Keys of the words for what was told, the finest first, and what they name. `area`: where the dictionary has them, the nearest first. */
export function toldKeys(
  area: string | readonly string[],
  { code, facts }: Told,
): { readonly keys: readonly string[]; readonly values: Told['facts'] } {
  const [, protocol, reply] = REPLY.exec(code) ?? []
  const names = [
    ...(facts.cause === undefined ? [] : [`${code}_${facts.cause}`]),
    code,
    ...(protocol === undefined ? [] : [protocol]),
  ]
  return {
    keys: [area].flat().flatMap((each) => names.map((name) => `${each}.${name}`)),
    values: { ...facts, ...(reply !== undefined && { status: reply }) },
  }
}
