import { useTranslation } from 'react-i18next'
import type { Recordings } from '../api/recordings.ts'
import type { CameraItem } from '../api/types.ts'
import { formatSpan } from '../time/format.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel, useLanguage } from '../words/language.ts'
import { gapText } from './gap-text.ts'

/** When nothing was recorded, and why. */
export function GapTable({
  lanes,
  cameras,
}: {
  readonly lanes: readonly Recordings[]
  readonly cameras: readonly CameraItem[]
}) {
  const { t } = useTranslation()
  const label = useLabel()
  const language = useLanguage()
  const nameOf = (id: string) => {
    const camera = cameras.find((one) => one.id === id)
    return camera ? label(camera.name) : id
  }
  const gaps = lanes.flatMap((lane) => lane.gaps.map((gap) => ({ lane, gap })))
  if (gaps.length === 0) return null
  return (
    <details className="history-gaps">
      <summary>{t('history.gaps', { n: gaps.length })}</summary>
      <div className="table-scroll history-table">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('history.from')}</th>
              <th scope="col">{t('history.length')}</th>
              <th scope="col">{t('history.camera')}</th>
              <th scope="col">{t('history.why')}</th>
            </tr>
          </thead>
          <tbody>
            {gaps.map(({ lane, gap }) => (
              <tr key={`${lane.camera} ${gap.from} ${gap.cause}`}>
                <td className="num">
                  <Moment at={gap.from} full />
                </td>
                <td className="num">{formatSpan(Date.parse(gap.to) - Date.parse(gap.from), language)}</td>
                <td>{nameOf(lane.camera)}</td>
                <td>{gapText(gap, lane.keptHours, t)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
