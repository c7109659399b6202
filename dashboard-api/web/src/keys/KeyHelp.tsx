import { Modal, Switch } from 'antd'
import { useTranslation } from 'react-i18next'
import { type KeyTable, useKeys, useKeyTables } from './KeysProvider.tsx'
import type { KeyBinding } from './match.ts'

/** The keys of this page and of all pages, made from the tables that bind them. */
export function KeyHelp({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation()
  const { tables, on, switchKeys } = useKeyTables()
  useKeys('keys.title', [], { active: open, exclusive: true })
  return (
    <Modal title={t('keys.title')} open={open} onCancel={onClose} footer={null} width={560}>
      <label className="key-switch">
        <Switch checked={on} onChange={switchKeys} size="small" /> {t('keys.switch')}
      </label>
      {byTitle(tables).map((table) => (
        <section key={table.title}>
          <h3 className="key-group">{t(table.title)}</h3>
          <dl className="key-list">
            {table.bindings.map((binding) => (
              <div key={binding.shown + binding.words} className={binding.enabled === false ? 'key-off' : undefined}>
                <dt>
                  {binding.shown.split(' ').map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{t(binding.words)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p className="caption">{t('keys.typing')}</p>
    </Modal>
  )
}

/** Parts of one page bind their own keys under one heading. */
function byTitle(tables: readonly KeyTable[]): readonly { title: string; bindings: readonly KeyBinding[] }[] {
  const groups = Map.groupBy(tables, (table) => table.title)
  return [...groups]
    .map(([title, parts]) => ({ title, bindings: parts.flatMap((part) => part.bindings) }))
    .filter(({ bindings }) => bindings.length > 0)
}
