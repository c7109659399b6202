import type { Told } from '../../../../core/told.ts'

/** Replies of other programs, told with their number: `http_503`, `smtp_550`. */
const REPLY = /^(http|smtp)_(\d{3})$/

/** Keys of the words for what was told, the finest first, and what they name. `area`: where the dictionary has them. */
export function toldKeys(
  area: string,
  { code, facts }: Told,
): { keys: readonly string[]; values: Told['facts'] } {
  const [, protocol, reply] = REPLY.exec(code) ?? []
  const general = protocol === undefined ? [] : [`${area}.${protocol}`]
  const finer = facts.cause === undefined ? [] : [`${area}.${code}_${facts.cause}`]
  return {
    keys: [...finer, `${area}.${code}`, ...general],
    values: { ...facts, ...(reply !== undefined && { status: reply }) },
  }
}
