import { useTranslation } from 'react-i18next'
import type { CaseDetail } from '../api/types.ts'
import { STEPS, stepOf } from './steps.ts'

/** Filed, dispatched, accepted, handled, verified, closed: where the case stands. */
export function StepBar({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation()
  const { index, ended } = stepOf(detail.state)
  return (
    <ol className="steps">
      {STEPS.map((step, at) => {
        const kind = ended || at < index ? 'done' : at === index ? 'current' : 'ahead'
        return (
          <li
            key={step}
            data-kind={detail.state === 'voided' ? 'void' : kind}
            aria-current={kind === 'current' ? 'step' : undefined}
          >
            <span className="step-mark" aria-hidden="true">
              {kind === 'done' ? '✓' : at + 1}
            </span>
            {t(`steps.${step}`)}
          </li>
        )
      })}
    </ol>
  )
}
