import { useTranslation } from 'react-i18next'
import type { ImportFault } from '../api/camera-setup.ts'
import { Pages } from '../parts/Pages.tsx'

/** Everything that is wrong in a list, by line and column. */
export function FaultTable({ faults }: { readonly faults: readonly ImportFault[] }) {
  const { t } = useTranslation()
  const title = t('cameraImport.faults', { n: faults.length })
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <Pages items={faults} label={title}>
        {(page) => (
          <div className="table-scroll">
            <table className="case-table import-table">
              <thead>
                <tr>
                  {(['line', 'column', 'what', 'value'] as const).map((name) => (
                    <th key={name} scope="col">
                      {t(`cameraImport.head.${name}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {page.map((fault) => (
                  <tr key={`${fault.line} ${fault.column} ${fault.code} ${fault.value}`}>
                    <td className="num">{fault.line}</td>
                    <td>{fault.column ?? '—'}</td>
                    <td className="break">{t(`cameraImport.fault.${fault.code}`, { rule: fault.rule })}</td>
                    <td className="break">{fault.value || '—'}</td>
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
