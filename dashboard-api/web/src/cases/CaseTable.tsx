import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { CaseItem } from '../api/types.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { placeText, useStateName, useTypeName } from '../words/names.ts'
import { TimeLeftText } from './TimeLeftText.tsx'

interface Props {
  readonly cases: readonly CaseItem[]
  /** What can be done from the list. */
  readonly actions?: (item: CaseItem) => ReactNode
  /** A box to choose the row by, where there is one. */
  readonly choice?: (item: CaseItem) => ReactNode
  /** Pixels of a row; a row whose text needs more is higher. */
  readonly rowHeight?: '24' | '32' | '40'
}

/** One row a case; on a narrow screen one card a case. */
export function CaseTable({ cases, actions, choice, rowHeight = '40' }: Props) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const stateName = useStateName()
  const label = useLabel()
  return (
    <div className="table-scroll">
      <table className="case-table" data-rows={rowHeight}>
        <thead>
          <tr>
            {choice ? (
              <th scope="col">
                <span className="sr-only">{t('batch.column')}</span>
              </th>
            ) : null}
            <th scope="col">{t('cases.no')}</th>
            <th scope="col">{t('cases.matter')}</th>
            <th scope="col">{t('cases.place')}</th>
            <th scope="col">{t('cases.state')}</th>
            <th scope="col">{t('cases.left')}</th>
            <th scope="col">{t('cases.lead')}</th>
            <th scope="col">{t('cases.filedAt')}</th>
            {actions ? (
              <th scope="col">
                <span className="sr-only">{t('cases.actions')}</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {cases.map((item) => (
            <tr key={item.no}>
              {choice ? <td className="cell-choice">{choice(item)}</td> : null}
              <td className="cell-no num">
                <Link to={`/cases/${encodeURIComponent(item.no)}`}>{item.no}</Link>
              </td>
              <td className="cell-matter">
                <SeverityChip severity={item.severity} /> {typeName(item.type)}
                {item.reworkCount > 0 ? (
                  <span className="tag tag-warn">{t('cases.rework', { n: item.reworkCount })}</span>
                ) : null}
              </td>
              <td className="cell-place">
                <Lines text={placeText(item.place, item.cameraName ? label(item.cameraName) : null)} />
              </td>
              <td className="cell-state">
                <span className="tag">{stateName(item.state)}</span>
              </td>
              <td className="cell-left">
                <TimeLeftText due={item.due} />
              </td>
              <td className="cell-lead">
                <Lines text={item.leadName ? label(item.leadName) : '—'} />
              </td>
              <td className="cell-filed" data-label={t('cases.filedAt')}>
                <Moment at={item.filedAt} />
              </td>
              {actions ? <td className="cell-actions">{actions(item)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Two lines at most; the whole text is on hover and on the case's own page. */
const Lines = ({ text }: { readonly text: string }) => (
  <span className="place-lines" title={text}>
    {text}
  </span>
)
