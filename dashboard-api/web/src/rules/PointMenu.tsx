import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Point } from '../../../../core/geometry.ts'

interface Props {
  readonly at: Point
  readonly onRemove: () => void
  readonly onInsert: () => void
  readonly onClose: () => void
}

/** What a finger can do with the point that it held. */
export function PointMenu({ at: [x, y], onRemove, onInsert, onClose }: Props) {
  const { t } = useTranslation()
  const done = (run: () => void) => () => {
    onClose()
    run()
  }
  return (
    <fieldset
      className="point-menu"
      aria-label={t('ruleDesk.pointMenu')}
      style={{
        ...(x > 0.6 ? { right: `${(1 - x) * 100}%` } : { left: `${x * 100}%` }),
        top: `${Math.min(y, 0.6) * 100}%`,
      }}
    >
      <Button onClick={done(onRemove)}>{t('ruleDesk.removePoint')}</Button>
      <Button onClick={done(onInsert)}>{t('ruleDesk.insertAfter')}</Button>
      <Button onClick={onClose}>{t('ruleDesk.closeMenu')}</Button>
    </fieldset>
  )
}
