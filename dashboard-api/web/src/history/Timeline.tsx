import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useSession } from '../session/session.ts'
import { formatFull, formatTime } from '../time/format.ts'
import type { Lane } from './draw.ts'
import { TimeBand } from './TimeBand.tsx'
import type { Replay } from './use-replay.ts'
import { following, type Span, zoomed } from './view.ts'

interface Props {
  readonly replay: Replay
  readonly day: Span
  readonly view: Span
  readonly onView: (view: Span) => void
  readonly range: { readonly from: number | null; readonly to: number | null }
  readonly lanes: readonly Lane[]
  readonly onSeek: (at: number) => void
}

/** Two bands: the day, and a part of it that can be brought nearer. */
export function Timeline({ replay, day, view, onView, range, lanes, onSeek }: Props) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const shown = following(view, replay.at, day)
  const common = () => ({ day, lanes, timezone, at: replay.head.at(), range })
  const valueText = formatFull(replay.at, timezone)
  const zoom = (factor: number) => onView(zoomed(shown, factor, replay.at, day))
  return (
    <section className="timeline" aria-label={t('history.timeline')}>
      <div className="timeline-head">
        <span className="caption num">
          {formatTime(shown.from, timezone)} – {formatTime(shown.to, timezone)}
        </span>
        <span className="caption timeline-legend">
          <i className="key-recorded" aria-hidden="true" /> {t('history.recorded')}
          <i className="key-analysed" aria-hidden="true" /> {t('history.analysed')}
          <i className="key-gap" aria-hidden="true" /> {t('history.gapKey')}
        </span>
        <span className="timeline-zoom">
          <Button size="small" aria-label={t('keys.nearer')} onClick={() => zoom(0.5)}>
            +
          </Button>
          <Button size="small" aria-label={t('keys.wider')} onClick={() => zoom(2)}>
            −
          </Button>
        </span>
      </div>
      <TimeBand
        label={t('history.bandDay')}
        valueText={valueText}
        band={() => ({ ...common(), view: day, frame: shown, detailed: false })}
        lanes={lanes.length}
        detailed={false}
        onScrub={replay.scrub}
        onSeek={onSeek}
        redraw={replay.redraw}
      />
      <TimeBand
        label={t('history.bandNear')}
        valueText={valueText}
        band={() => ({ ...common(), view: shown, frame: null, detailed: true })}
        lanes={lanes.length}
        detailed
        onScrub={replay.scrub}
        onSeek={onSeek}
        onView={onView}
        redraw={replay.redraw}
      />
    </section>
  )
}
