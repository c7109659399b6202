import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { OpenMatters } from '../../../../core/api/desk.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { Moment } from '../time/Moment.tsx'
import { placeText, useStateName, useTypeName } from '../words/names.ts'

/** What is open at a hand-over: numbers first, then what has to be moved. */
export function OpenList({ open }: { readonly open: OpenMatters }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const stateName = useStateName()
  const numbers = [
    ['toVerify', open.toVerify],
    ['waiting', open.waiting],
    ['overdue', open.overdue],
    ['muted', open.muted],
    ['dead', open.dead],
  ] as const
  return (
    <>
      <ul className="open-numbers">
        {numbers.map(([word, n]) => (
          <li key={word} className="num">
            {t(`openMatters.${word}`)} <strong>{n}</strong>
          </li>
        ))}
      </ul>
      {open.cases.length > 0 ? (
        <ul className="open-list">
          {open.cases.map((each) => (
            <li key={each.no}>
              <SeverityChip severity={each.severity} />{' '}
              <Link className="num" to={`/cases/${encodeURIComponent(each.no)}`}>
                {each.no}
              </Link>{' '}
              {typeName(each.type)} · {placeText(each.place, null)} · {stateName(each.state)}
              {each.overdue ? <strong className="failed"> · {t('openMatters.late')}</strong> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {open.mutes.length > 0 ? (
        <ul className="open-list">
          {open.mutes.map((each) => (
            <li key={each.alert}>
              <SeverityChip severity={each.severity} />{' '}
              <Link to={`/alerts/${encodeURIComponent(each.alert)}?view=muted`}>{typeName(each.type)}</Link> ·{' '}
              {t('mute.until')} <Moment at={each.until} /> · {each.by}: {each.reason}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  )
}
