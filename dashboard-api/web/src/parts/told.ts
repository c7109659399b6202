import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { Told } from '../../../../core/told.ts'
import { useSession } from '../session/session.ts'
import { formatFull } from '../time/format.ts'
import { toldKeys } from './told-keys.ts'

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

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
