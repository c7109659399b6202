import { useTranslation } from 'react-i18next'
import type { ImportCheck } from '../api/camera-setup.ts'
import { Pages } from '../parts/Pages.tsx'
import { useLabel, useLanguage } from '../words/language.ts'

/** What the right lines would do. */
export function RowTable({ rows }: { readonly rows: ImportCheck['rows'] }) {
  const { t } = useTranslation()
  const label = useLabel()
  const list = new Intl.ListFormat(useLanguage(), { type: 'unit', style: 'narrow' })
  const title = t('cameraImport.rows', { n: rows.length })
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <Pages items={rows} label={title} size={20}>
        {(page) => (
          <div className="table-scroll">
            <table className="case-table import-table">
              <thead>
                <tr>
                  {(['line', 'id', 'name', 'change'] as const).map((name) => (
                    <th key={name} scope="col">
                      {t(`cameraImport.head.${name}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {page.map((row) => (
                  <tr key={row.line}>
                    <td className="num">{row.line}</td>
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
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Pages>
    </section>
  )
}
