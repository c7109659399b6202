import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { Told } from '../../../../core/told.ts'
import { useSession } from '../session/session.ts'
import { formatFull } from '../time/format.ts'

/** Replies of other programs, told with their number: `http_503`, `smtp_550`. */
const REPLY = /^(http|smtp)_(\d{3})$/
const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

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

/** What was told in the reader's language, points in time as the city's clocks show them; null: no words for this code. */
export function useTold(): (area: string, told: Told) => string | null {
  const { t, i18n } = useTranslation()
  const { timezone } = useSession().city
  return useCallback(
    (area: string, told: Told) => {
      const { keys, values } = toldKeys(area, told)
      const key = keys.find((each) => i18n.exists(each))
      if (key === undefined) return null
      const shown = Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'string' && MOMENT.test(value)
          ? formatFull(Date.parse(value), timezone)
          : String(value),
      ])
      return t(key, Object.fromEntries(shown) as Record<string, string>)
    },
    [t, i18n, timezone],
  )
}

/** A kind of channel as people call it; `none` where a department has no channel. */
export function useChannelName(): (kind: string) => string {
  const { t, i18n } = useTranslation()
  return useCallback(
    (kind: string) => (i18n.exists(`told.channel.${kind}`) ? t(`told.channel.${kind}`) : kind),
    [t, i18n],
  )
}
