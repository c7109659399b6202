import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type DryRunEvent, type DryRunResult, dryRunPictureUrl } from '../../api/dry-runs.ts'
import { SeverityChip } from '../../parts/SeverityChip.tsx'
import { Moment } from '../../time/Moment.tsx'
import { useTypeName } from '../../words/names.ts'
import type { RuleSet } from '../model.ts'

/** So many pictures are asked for at once: each is a look. */
const PAGE = 12

interface Props {
  readonly id: string
  /** Of the draft that was tried. */
  readonly zones: RuleSet['zones']
  readonly result: DryRunResult
}

/** Every event in the order of time, with the recorded picture of its beginning. */
export function DryRunEvents({ id, zones, result }: Props) {
  const { t } = useTranslation()
  const [shown, setShown] = useState(0)
  const { events, total } = result
  if (events.length === 0) return null
  return (
    <>
      {shown === 0 ? (
        <Button onClick={() => setShown(PAGE)}>{t('dryRun.showAll', { n: total })}</Button>
      ) : (
        <ol className="dry-run-events" aria-label={t('dryRun.events')}>
          {events.slice(0, shown).map((event) => (
            <EventFigure
              key={event.n}
              id={id}
              event={event}
              zone={event.zone ? (zones[event.zone] ?? null) : null}
            />
          ))}
        </ol>
      )}
      {shown > 0 && shown < events.length ? (
        <Button onClick={() => setShown(shown + PAGE)}>
          {t('dryRun.more', { n: events.length - shown })}
        </Button>
      ) : null}
      {shown >= events.length && total > events.length ? (
        <p className="caption">{t('dryRun.listedOf', { n: events.length, total })}</p>
      ) : null}
    </>
  )
}

function EventFigure(props: {
  readonly id: string
  readonly event: DryRunEvent
  readonly zone: RuleSet['zones'][string] | null
}) {
  const { id, event, zone } = props
  const { t } = useTranslation()
  const typeName = useTypeName()
  const [picture, setPicture] = useState<'asked' | 'there' | 'none'>('asked')
  const { box } = event
  const name = `${typeName(event.type)} · ${event.rule}`
  return (
    <li className="dry-run-event" data-side={event.side}>
      {picture === 'none' ? (
        <p className="dry-run-none">{t('dryRun.noPicture')}</p>
      ) : (
        <div className="dry-run-picture">
          <img
            src={dryRunPictureUrl(id, event.n)}
            alt={t('dryRun.pictureOf', { name })}
            onLoad={() => setPicture('there')}
            onError={() => setPicture('none')}
          />
          {picture === 'there' ? (
            <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
              {zone ? <polygon points={zone.map((point) => point.join(',')).join(' ')} /> : null}
              {box ? <rect x={box[0]} y={box[1]} width={box[2] - box[0]} height={box[3] - box[1]} /> : null}
            </svg>
          ) : null}
        </div>
      )}
      <p>
        <SeverityChip severity={event.severity} /> <strong>{t(`dryRun.side.${event.side}`)}</strong>{' '}
        <span className="break">{name}</span>
      </p>
      <p className="caption num">
        <Moment at={event.at} />{' '}
        {event.end ? t('dryRun.lasted', { s: seconds(event) }) : t('dryRun.stillOpen')}{' '}
        {t('dryRun.score', { score: event.score.toFixed(2) })}
      </p>
    </li>
  )
}

const seconds = ({ since, end }: DryRunEvent): number =>
  Math.round((Date.parse(end ?? since) - Date.parse(since)) / 1_000)
