import { Button, Segmented } from 'antd'
import type { Dispatch, SetStateAction } from 'react'
import { useTranslation } from 'react-i18next'
import { Field } from '../parts/Field.tsx'
import { useSession } from '../session/session.ts'
import { serverClock } from '../time/server-clock.ts'
import { formatExact } from './clock.ts'
import { dayText } from './day.ts'
import { SPEEDS } from './playhead.ts'
import type { Replay } from './use-replay.ts'

interface Props {
  readonly replay: Replay
  readonly seek: (at: number) => void
  readonly onDay: (day: string) => void
  readonly onRange: Dispatch<SetStateAction<{ from: number | null; to: number | null }>>
}

/** The clock, and what moves it. */
export function ReplayBar({ replay, seek, onDay, onRange }: Props) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const { head, at } = replay
  const today = dayText(serverClock.now(), timezone)
  return (
    <div className="replay-bar" role="toolbar" aria-label={t('history.controls')}>
      <Button type="primary" onClick={replay.toggle}>
        {head.playing ? t('history.pause') : t('history.play')}
      </Button>
      <Segmented
        aria-label={t('history.speed')}
        options={SPEEDS.map((speed) => ({ value: speed, label: `${speed}×` }))}
        value={head.speed}
        onChange={head.setSpeed}
      />
      <Button onClick={() => seek(head.at() - 10_000)}>{t('history.back10')}</Button>
      <Button onClick={() => seek(head.at() + 10_000)}>{t('history.on10')}</Button>
      <Button aria-label={t('keys.frameBack')} onClick={() => replay.step(-1)}>
        ‹|
      </Button>
      <Button aria-label={t('keys.frameOn')} onClick={() => replay.step(1)}>
        |›
      </Button>
      <Button onClick={() => onRange((old) => ({ ...old, from: head.at() }))}>
        {t('history.rangeFrom')}
      </Button>
      <Button onClick={() => onRange((old) => ({ ...old, to: head.at() }))}>{t('history.rangeTo')}</Button>
      <span className="replay-end">
        <Field layout="beside" label={t('history.day')}>
          {(id) => (
            <input
              id={id}
              type="date"
              className="day-input"
              max={today}
              value={dayText(at, timezone)}
              onChange={(event) => event.target.value && onDay(event.target.value)}
            />
          )}
        </Field>
        <time
          className="replay-clock num"
          dateTime={new Date(at).toISOString()}
          title={`${timezone} ${t('history.clockWhy')}`}
        >
          {formatExact(at, timezone)}
        </time>
      </span>
    </div>
  )
}
