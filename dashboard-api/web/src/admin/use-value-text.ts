import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useDepartmentName } from '../parts/use-department-name.ts'
import { useComma } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'

const DURATIONS = ['accept', 'handle', 'check']

/** A value of the configuration as people read it; `path` as in the city file. */
export function useValueText(): (path: string, value: unknown) => string {
  const { t, i18n } = useTranslation()
  const typeName = useTypeName()
  const department = useDepartmentName()
  const comma = useComma()
  return useCallback(
    (path: string, value: unknown): string => {
      const known = (key: string, word: string) =>
        i18n.exists(`${key}.${word}`) ? t(`${key}.${word}`) : word
      const one = (each: unknown): string => {
        if (typeof each !== 'string') return typeof each === 'number' ? `${each}` : JSON.stringify(each)
        if (path === 'roles') return known('role', each)
        if (path === 'when.type') return typeName(each)
        if (path === 'when.purpose') return known('purpose', each)
        if (['department', 'lead', 'assist'].includes(path)) return department(each)
        if (path === 'notify') return known('admin.notify', each)
        if (path === 'clock') return known('admin.clock', each)
        if (DURATIONS.includes(path)) return durationText(each, t)
        return each
      }
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return t('admin.none')
      if (path.startsWith('channels.')) return channelText(value)
      return Array.isArray(value) ? value.map(one).join(comma) : one(value)
    },
    [t, i18n, typeName, department, comma],
  )
}

function durationText(text: string, t: (key: string) => string): string {
  const written = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  return written ? `${written[1]} ${t(`ruleDesk.unit.${written[2]}`)}` : text
}

/** A channel in one line: its kind and where it goes. */
export function channelText(value: unknown): string {
  const { kind, ...rest } = value as Readonly<Record<string, unknown>>
  const parts = Object.values(rest).flatMap((each) => (Array.isArray(each) ? each.join(', ') : String(each)))
  return [kind, ...parts].join(' ')
}
