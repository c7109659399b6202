import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Moment } from '../time/Moment.tsx'
import type { Step } from './story.ts'
import { useStepName } from './use-step-name.ts'

interface Props {
  readonly steps: readonly Step[]
  readonly index: number
  readonly onGo: (index: number) => void
}

/** Every step as a button; the current one stays in sight. */
export function StepList({ steps, index, onGo }: Props) {
  const { t } = useTranslation()
  const stepName = useStepName()
  const current = useRef<HTMLButtonElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step is another button
  useEffect(() => {
    current.current?.scrollIntoView({ block: 'nearest' })
  }, [index])
  return (
    <ol className="replay-steps" aria-label={t('replay.steps')}>
      {steps.map((step, place) => (
        <li key={`${step.what} ${step.key}`}>
          <button
            type="button"
            ref={place === index ? current : null}
            aria-current={place === index ? 'step' : undefined}
            onClick={() => onGo(place)}
          >
            <span className="num caption">{place + 1}</span>
            <span>
              <span className="tag">{t(`replay.what.${step.what}`)}</span> {stepName(step)}
            </span>
            <span className="caption">
              <Moment at={step.at} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}
