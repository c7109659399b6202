import { useTranslation } from 'react-i18next'
import type { ImportFault } from '../api/camera-setup.ts'
import { LineTable } from './LineTable.tsx'

/** Everything that is wrong in a list, by line and column. */
export function FaultTable({ faults }: { readonly faults: readonly ImportFault[] }) {
  const { t } = useTranslation()
  return (
    <LineTable
      title={t('cameraImport.faults', { n: faults.length })}
      items={faults}
      heads={['line', 'column', 'what', 'value']}
      row={(fault) => (
        <tr key={`${fault.line} ${fault.column} ${fault.code} ${fault.value}`}>
          <td className="num">{fault.line}</td>
          <td>{fault.column ?? '—'}</td>
          <td className="break">{t(`cameraImport.fault.${fault.code}`, { rule: fault.rule })}</td>
          <td className="break">{fault.value || '—'}</td>
        </tr>
      )}
    />
  )
}
