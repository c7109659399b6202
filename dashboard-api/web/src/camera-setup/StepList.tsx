import { useTranslation } from 'react-i18next'
import { STEPS, type Step } from './draft.ts'

/** Where one is. A step behind which everything is right can be gone to at once. */
export function StepList({
  step,
  reachable,
  onGo,
}: {
  readonly step: Step
  readonly reachable: (step: Step) => boolean
  readonly onGo: (step: Step) => void
}) {
  const { t } = useTranslation()
  return (
    <nav aria-label={t('cameraNew.steps')}>
      <ol className="wizard-steps">
        {STEPS.map((each, i) => (
          <li key={each}>
            <button
              type="button"
              aria-current={each === step ? 'step' : undefined}
              disabled={each !== step && !reachable(each)}
              onClick={() => onGo(each)}
            >
              <span className="num">{i + 1}</span> {t(`cameraNew.step.${each}`)}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
