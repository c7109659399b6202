import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { useTypeName } from '../words/names.ts'
import type { Difference } from './diff.ts'
import { valueText } from './values.ts'

/** What a change would do, line by line. */
export function DifferenceList({ differences }: { readonly differences: readonly Difference[] }) {
  const { t, i18n } = useTranslation()
  const typeName = useTypeName()
  if (differences.length === 0) return <p className="caption">{t('ruleDesk.noDifference')}</p>
  const exists = i18n.exists.bind(i18n)
  return (
    <ul className="difference-list">
      {differences.map((one) => (
        <li key={keyOf(one)} className="break">
          {sentence(one, t, typeName, exists)}
        </li>
      ))}
    </ul>
  )
}

const keyOf = (one: Difference): string =>
  [one.kind, 'name' in one ? one.name : '', 'id' in one ? one.id : '', 'key' in one ? one.key : ''].join(' ')

function sentence(
  one: Difference,
  t: TFunction,
  typeName: (type: string) => string,
  exists: (key: string) => boolean,
): string {
  switch (one.kind) {
    case 'zoneAdded':
    case 'zoneRemoved':
      return t(`ruleDesk.diff.${one.kind}`, { name: one.name, n: one.points })
    case 'zoneChanged':
      return t('ruleDesk.diff.zoneChanged', { name: one.name, from: one.from, to: one.to })
    case 'privacyChanged':
      return t('ruleDesk.diff.privacyChanged', { from: one.from, to: one.to })
    case 'ruleAdded':
    case 'ruleRemoved':
      return t(`ruleDesk.diff.${one.kind}`, { id: one.id, type: typeName(one.type) })
    case 'ruleChanged': {
      const word = `ruleDesk.field.${one.key}`
      return t('ruleDesk.diff.ruleChanged', {
        id: one.id,
        field: exists(word) ? t(word) : one.key,
        before: valueText(one.type, one.key, one.before, t),
        after: valueText(one.type, one.key, one.after, t),
      })
    }
  }
}
