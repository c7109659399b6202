import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { EventItem } from '../api/recordings.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'

interface Props {
  readonly events: readonly EventItem[]
  /** There are older ones that are not shown. */
  readonly more: boolean
  readonly onSeek: (at: number) => void
}

/** What the bands show as marks, to be read and opened by keyboard. */
export function EventTable({ events, more, onSeek }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const typeName = useTypeName()
  return (
    <div className="table-scroll history-table">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('history.time')}</th>
            <th scope="col">{t('history.type')}</th>
            <th scope="col">{t('history.camera')}</th>
            <th scope="col">{t('history.zone')}</th>
            <th scope="col">
              <span className="sr-only">{t('history.watch')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={`${event.event}/${event.epoch}.${event.seq}`}>
              <td className="num">
                <Moment at={event.at} full />
              </td>
              <td>
                <SeverityChip severity={event.severity} /> {typeName(event.type)}
              </td>
              <td>{label(event.sourceName)}</td>
              <td>{event.zone ?? t('cause.wholePicture')}</td>
              <td>
                <Button size="small" onClick={() => onSeek(Date.parse(event.at))}>
                  {t('history.watch')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more ? <p className="caption">{t('history.moreEvents', { n: events.length })}</p> : null}
    </div>
  )
}
