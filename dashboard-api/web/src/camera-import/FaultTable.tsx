import { useTranslation } from 'react-i18next'
import type { ImportFault } from '../api/camera-setup.ts'
import { useFaultText } from '../parts/problem-text.ts'
import { LineTable } from './LineTable.tsx'

/** Everything that is wrong in a list, by line and column. */
export function FaultTable({ faults }: { readonly faults: readonly ImportFault[] }) {
  const { t } = useTranslation()
  const faultText = useFaultText()
  const ruleOf = ({ rule, schema }: ImportFault) => (schema ? faultText({ ...schema, message: rule }) : rule)
  return (
    <LineTable
      title={t('cameraImport.faults', { n: faults.length })}
      items={faults}
      heads={['line', 'column', 'what', 'value']}
      row={(fault) => (
        <tr key={`${fault.line} ${fault.column} ${fault.code} ${fault.value}`}>
          <td className="num" data-label={t('cameraImport.head.line')}>
            {fault.line}
          </td>
          <td>{fault.column ?? '—'}</td>
          <td className="break">{t(`cameraImport.fault.${fault.code}`, { rule: ruleOf(fault) })}</td>
          <td className="break">{fault.value || '—'}</td>
        </tr>
      )}
    />
  )
}
