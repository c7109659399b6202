import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { Told } from '../../../../core/told.ts'
import { sessionQuery } from '../session/session.ts'
import { formatFull } from '../time/format.ts'
import { useComma } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { toldKeys } from './told-keys.ts'

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** What was told in the reader's language, types of hazards (`types`) and points in time as pages show them; null: no words for this code. */
export function useTold(): (area: string | readonly string[], told: Told) => string | null {
  const { t, i18n } = useTranslation()
  // Before the log-in no city is known; what fails there tells no time.
  const timezone = useQueryClient().getQueryData(sessionQuery.queryKey)?.city.timezone ?? 'UTC'
  const typeName = useTypeName()
  const comma = useComma()
  return useCallback(
    (area: string | readonly string[], told: Told) => {
      const { keys, values } = toldKeys(area, told)
      const key = keys.find((each) => i18n.exists(each))
      if (key === undefined) return null
      const shown = Object.entries(values).map(([name, value]) => [
        name,
        name === 'types'
          ? String(value).split(', ').map(typeName).join(comma)
          : MOMENT.test(String(value))
            ? formatFull(Date.parse(String(value)), timezone)
            : String(value),
      ])
      return t(key, Object.fromEntries(shown) as Record<string, string>)
    },
    [t, i18n, timezone, typeName, comma],
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
