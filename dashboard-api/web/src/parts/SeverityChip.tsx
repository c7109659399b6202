import { useTranslation } from 'react-i18next'
import type { AlertItem } from '../api/types.ts'
import { SEVERITY_FILLS } from '../theme/palette.ts'

/** Severity by shape, digit and fill; never by the colour of a text. */
export function SeverityChip({ severity }: { readonly severity: AlertItem['severity'] }) {
  const { t } = useTranslation()
  const { shape } = SEVERITY_FILLS[severity]
  const words = t(`severity.${severity}`)
  return (
    <span className="chip" data-severity={severity} title={words}>
      <span aria-hidden="true">
        {shape}
        {severity}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  )
}
