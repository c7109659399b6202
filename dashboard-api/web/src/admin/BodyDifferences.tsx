import { useTranslation } from 'react-i18next'
import type { BodyDifference } from './difference.ts'
import { useValueText } from './use-value-text.ts'

/** What a change would do, value by value. */
export function BodyDifferences({
  differences,
  added = false,
}: {
  readonly differences: readonly BodyDifference[]
  /** Nothing was there before. */
  readonly added?: boolean
}) {
  const { t, i18n } = useTranslation()
  const text = useValueText()
  if (differences.length === 0) return <p className="caption">{t('ruleDesk.noDifference')}</p>
  const fieldName = (path: string): string => {
    const place = /^channels\.(\d+)$/.exec(path)?.[1]
    if (place !== undefined) return t('admin.channelNo', { n: Number(place) + 1 })
    const key = `admin.field.${path.replaceAll('.', '_')}`
    return i18n.exists(key) ? t(key) : path
  }
  return (
    <ul className="difference-list">
      {differences.map(({ path, before, after }) => (
        <li key={path} className="break">
          {t(added ? 'admin.isSet' : 'admin.differs', {
            ...{ field: fieldName(path), before: text(path, before), after: text(path, after) },
          })}
        </li>
      ))}
    </ul>
  )
}
