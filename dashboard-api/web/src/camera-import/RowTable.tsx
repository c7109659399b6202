import { useTranslation } from 'react-i18next'
import type { ImportCheck } from '../api/camera-setup.ts'
import { useLabel, useLanguage } from '../words/language.ts'
import { LineTable } from './LineTable.tsx'

/** What the right lines would do. */
export function RowTable({ rows }: { readonly rows: ImportCheck['rows'] }) {
  const { t } = useTranslation()
  const label = useLabel()
  const list = new Intl.ListFormat(useLanguage(), { type: 'unit', style: 'narrow' })
  return (
    <LineTable
      title={t('cameraImport.rows', { n: rows.length })}
      items={rows}
      size={20}
      heads={['line', 'id', 'name', 'change']}
      row={(row) => (
        <tr key={row.line}>
          <td className="num" data-label={t('cameraImport.head.line')}>
            {row.line}
          </td>
          <td className="break">{row.id}</td>
          <td className="break">{label(row.name)}</td>
          <td>
            {t(`cameraImport.change.${row.change}`)}
            {row.keys.length > 0 ? (
              <span className="caption">
                {' · '}
                {list.format(row.keys.map((key) => t(`cameraImport.key.${key}`)))}
              </span>
            ) : null}
          </td>
        </tr>
      )}
    />
  )
}
