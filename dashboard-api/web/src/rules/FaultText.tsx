import { useTranslation } from 'react-i18next'
import type { SetFault } from './faults.ts'

/** What is wrong, at its place. */
export function FaultText({ faults }: { readonly faults: readonly SetFault[] }) {
  const { t } = useTranslation()
  return faults.map(({ at, code, values }) => (
    <p key={`${at} ${code}`} className="failed" role="status">
      {t(`ruleDesk.fault.${code}`, values)}
    </p>
  ))
}
