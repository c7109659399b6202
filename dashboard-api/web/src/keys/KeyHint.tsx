import { useTranslation } from 'react-i18next'
import { KeyList } from './KeyList.tsx'
import { useKeyTables } from './KeysProvider.tsx'
import { byTitle } from './key-groups.ts'

/** The keys that work now, where a page has room for them. `titles` are those of the tables. */
export function KeyHint({ titles }: { readonly titles: readonly string[] }) {
  const { t } = useTranslation()
  const { tables, on } = useKeyTables()
  if (!on) return <p className="caption">{t('keys.off')}</p>
  const bindings = byTitle(tables)
    .filter(({ title }) => titles.includes(title))
    .flatMap((group) => group.bindings)
    .filter((binding) => binding.enabled !== false)
  return <KeyList bindings={bindings} />
}
