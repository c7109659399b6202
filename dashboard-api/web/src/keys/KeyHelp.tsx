import { Modal, Switch } from 'antd'
import { useTranslation } from 'react-i18next'
import { Field } from '../parts/Field.tsx'
import { KeyList } from './KeyList.tsx'
import { useKeys, useKeyTables } from './KeysProvider.tsx'
import { byTitle } from './key-groups.ts'

export interface KeyHelpProps {
  readonly open: boolean
  readonly onClose: () => void
}

/** The keys of this page and of all pages, made from the tables that bind them. */
export function KeyHelp({ open, onClose }: KeyHelpProps) {
  const { t } = useTranslation()
  const { tables, on, switchKeys } = useKeyTables()
  useKeys('keys.title', [], { active: open, exclusive: true })
  return (
    <Modal title={t('keys.title')} open={open} onCancel={onClose} footer={null} width={560}>
      <Field label={t('keys.switch')} layout="beside">
        {(id) => <Switch id={id} checked={on} onChange={switchKeys} />}
      </Field>
      {byTitle(tables).map(({ title, bindings }) => (
        <section key={title}>
          <h2 className="key-group">{t(title)}</h2>
          <KeyList bindings={bindings} />
        </section>
      ))}
      <p className="caption">{t('keys.typing')}</p>
    </Modal>
  )
}
