import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { BoxState } from '../video/box-state.ts'

interface Props {
  readonly on: boolean
  readonly state: BoxState
  readonly disabled: boolean
  readonly onTurn: () => void
}

/** Turns boxes on and off, and says why none are drawn. */
export function BoxButton({ on, state, disabled, onTurn }: Props) {
  const { t } = useTranslation()
  const silent = disabled || !on || state === 'off' || state === 'shown'
  return (
    <>
      <Button size="small" className="box-button" aria-pressed={on} disabled={disabled} onClick={onTurn}>
        {t('liveBoxes.show')} <kbd>b</kbd>
      </Button>
      <span className="caption" role="status">
        {silent ? null : t(`liveBoxes.${state}`)}
      </span>
    </>
  )
}
