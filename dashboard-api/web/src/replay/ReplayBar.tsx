import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Moment } from '../time/Moment.tsx'
import type { Step } from './story.ts'
import { useStepName } from './use-step-name.ts'

interface Props {
  readonly steps: readonly Step[]
  readonly index: number
  readonly onGo: (index: number) => void
}

/** Slider and buttons. The slider has the arrows, Home and End while it has the focus, as sliders do. */
export function ReplayBar({ steps, index, onGo }: Props) {
  const { t } = useTranslation()
  const stepName = useStepName()
  const step = steps[index]
  const last = steps.length - 1
  const words = t('replay.step', { n: index + 1, all: steps.length })
  return (
    <div className="replay-bar">
      <Button aria-label={t('replay.first')} disabled={index === 0} onClick={() => onGo(0)}>
        |◀
      </Button>
      <Button aria-label={t('replay.previous')} disabled={index === 0} onClick={() => onGo(index - 1)}>
        ◀
      </Button>
      <input
        type="range"
        min={1}
        max={steps.length}
        step={1}
        value={index + 1}
        aria-label={t('replay.slider')}
        aria-valuetext={step ? `${words}: ${stepName(step)}` : words}
        onChange={(event) => onGo(Number(event.target.value) - 1)}
      />
      <Button aria-label={t('replay.next')} disabled={index === last} onClick={() => onGo(index + 1)}>
        ▶
      </Button>
      <Button aria-label={t('replay.last')} disabled={index === last} onClick={() => onGo(last)}>
        ▶|
      </Button>
      <span className="replay-place" aria-live="polite">
        <span className="num">{words}</span> · {step ? <Moment at={step.at} full /> : null}
      </span>
    </div>
  )
}
