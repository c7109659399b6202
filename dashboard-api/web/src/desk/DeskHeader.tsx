import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { deskQuery } from '../api/desk.ts'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { ShiftControls } from './ShiftControls.tsx'

const SEVERITIES = [1, 2, 3, 4] as const

/** 近10分钟 7 条 | 待核实 12 | ◆0 ▲2 ■6 ●4, and the banner of a flood. */
export function DeskHeader() {
  const { t } = useTranslation()
  const session = useSession()
  const city = hasRole(session, 'operator', 'verifier', 'investigator', 'auditor', 'admin')
  const { data: desk } = useQuery({ ...deskQuery, enabled: city })
  if (!city || !desk) return null
  return (
    <>
      <div className="desk-head">
        {hasRole(session, 'operator') ? <ShiftControls desk={desk} /> : null}
        <span className="num desk-fact">{t('desk.rate', { n: desk.rate10m })}</span>
        <span className="num desk-fact">{t('desk.toVerify', { n: desk.toVerify })}</span>
        <span className="desk-severities">
          {SEVERITIES.map((severity) => (
            <span key={severity} className="num">
              <SeverityChip severity={severity} /> {desk.open[severity]}
            </span>
          ))}
        </span>
        {desk.muted > 0 ? (
          <Link className="num" to="/alerts?view=muted">
            {t('desk.muted', { n: desk.muted })}
          </Link>
        ) : null}
      </div>
      {desk.flood ? (
        <div className="bar" data-kind="flood" role="status">
          {t('desk.flood', { n: desk.rate10m })} <Moment at={desk.flood.since} />
        </div>
      ) : null}
    </>
  )
}
