import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useSession } from '../session/session.ts'
import { formatTime } from '../time/format.ts'
import type { BoxReport, LastLook } from '../video/box-state.ts'

interface Props {
  readonly on: boolean
  readonly report: BoxReport
  readonly disabled: boolean
  readonly onTurn: () => void
}

/** Turns boxes on and off, says why none are drawn, and what the newest analysed picture had. */
export function BoxButton({ on, report, disabled, onTurn }: Props) {
  const { t } = useTranslation()
  const { state, last } = report
  const asked = on && !disabled
  const silent = !asked || state === 'off' || state === 'shown'
  return (
    <>
      <Button size="small" className="box-button" aria-pressed={on} disabled={disabled} onClick={onTurn}>
        {t('liveBoxes.show')} <kbd>b</kbd>
      </Button>
      <span className="caption" role="status">
        {silent ? null : t(`liveBoxes.${state}`)}
      </span>
      {asked && last ? <LastLookText look={last} /> : null}
    </>
  )
}

/** No status: it changes each second, and nobody wants to hear each. */
function LastLookText({ look }: { readonly look: LastLook }) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const words = look.found === 0 ? 'lastNothing' : look.gone ? 'lastGone' : 'lastFound'
  return (
    <span className="caption num last-look">
      {t(`liveBoxes.${words}`, { time: formatTime(look.capturedAt, timezone), n: look.found })}
    </span>
  )
}
