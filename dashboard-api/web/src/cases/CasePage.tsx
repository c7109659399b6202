import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams } from 'react-router'
import { caseQuery } from '../api/cases.ts'
import { toApiError } from '../api/problem.ts'
import type { CaseDetail } from '../api/types.ts'
import { EvidencePanel } from '../evidence/EvidencePanel.tsx'
import { usePrintSheet } from '../evidence/use-print-sheet.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { PlaceMap } from '../map/PlaceMap.tsx'
import { actorName } from '../parts/actor-name.ts'
import { LoadingShape } from '../parts/ListState.tsx'
import { NotificationList } from '../parts/NotificationList.tsx'
import { PlaceFacts } from '../parts/PlaceFacts.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { useDepartmentName } from '../parts/use-department-name.ts'
import { usePageTitle } from '../parts/use-page-title.ts'
import { Moment } from '../time/Moment.tsx'
import { useComma, useLabel } from '../words/language.ts'
import { placeText, useStateName, useTypeName } from '../words/names.ts'
import { Attachments } from './Attachments.tsx'
import { BeforeAfter } from './BeforeAfter.tsx'
import { CaseAlert } from './CaseAlert.tsx'
import { CaseLog } from './CaseLog.tsx'
import { Moves } from './Moves.tsx'
import { RecheckNote } from './RecheckNote.tsx'
import { RequestNote } from './RequestNote.tsx'
import { StepBar } from './StepBar.tsx'
import { TimeLeftText } from './TimeLeftText.tsx'

export function CasePage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { no = '' } = useParams()
  const query = useQuery(caseQuery(no))
  // Back to the same place in the list, with its filters; a link from a message has no list behind it.
  const back = () => void (hasPast() ? navigate(-1) : navigate('/cases'))
  useKeys('keys.groups.case', [{ codes: ['Escape'], shown: 'Esc', words: 'keys.back', run: back }])
  if (query.data) return <CaseBody key={no} detail={query.data} />
  return (
    <div className="page">
      {query.isPending ? <LoadingShape rows={8} /> : null}
      {query.error ? (
        toApiError(query.error).status === 404 ? (
          <p className="empty">{t('case.gone', { no })}</p>
        ) : (
          <ProblemNotice
            what={t('common.notLoaded', { what: `${t('words.case')} ${no}` })}
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        )
      ) : null}
    </div>
  )
}

/** The router counts its own entries of the browser's history. */
const hasPast = (): boolean => ((history.state as { idx?: number } | null)?.idx ?? 0) > 0

function CaseBody({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation()
  const comma = useComma()
  const typeName = useTypeName()
  const stateName = useStateName()
  const label = useLabel()
  const departmentName = useDepartmentName()
  usePrintSheet(detail)
  usePageTitle(`${detail.no} ${typeName(detail.type)}`)
  const place = placeText(detail.place, detail.cameraName ? label(detail.cameraName) : null)
  return (
    <article className="page case-page">
      <p className="crumb">
        <Link to="/cases">‹ {t('nav.cases')}</Link>
      </p>
      <header className="pane-head">
        <h1>
          <SeverityChip severity={detail.severity} /> <span className="num">{detail.no}</span>{' '}
          {typeName(detail.type)} <span className="head-place">{place}</span>
        </h1>
        <div className="head-facts">
          <strong>{stateName(detail.state)}</strong>
          {detail.due ? <TimeLeftText due={detail.due} /> : null}
          {detail.reworkCount > 0 ? (
            <span className="tag tag-warn">{t('cases.rework', { n: detail.reworkCount })}</span>
          ) : null}
        </div>
      </header>
      <StepBar detail={detail} />
      <RequestNote detail={detail} />
      <Moves detail={detail} />
      <div className="case-columns">
        <div>
          <BeforeAfter detail={detail} />
          <RecheckNote detail={detail} />
          <section>
            <h2>{t('case.log')}</h2>
            <CaseLog log={detail.log} />
          </section>
        </div>
        <div className="facts">
          <section>
            <h2>{t('case.who')}</h2>
            <dl className="pairs">
              <dt>{t('cases.lead')}</dt>
              <dd>{detail.leadName ? label(detail.leadName) : '—'}</dd>
              <dt>{t('case.assist')}</dt>
              <dd>{detail.assist.length > 0 ? detail.assist.map(departmentName).join(comma) : '—'}</dd>
              <dt>{t('case.filedBy')}</dt>
              <dd>
                {actorName(t, detail.filedBy, detail.log[0]?.actorKind ?? 'person')}{' '}
                <Moment at={detail.filedAt} />
              </dd>
            </dl>
          </section>
          {detail.alert ? <CaseAlert alert={detail.alert} /> : null}
          <Attachments detail={detail} />
          <EvidencePanel detail={detail} />
          <section>
            <h2>{t('alert.place')}</h2>
            <PlaceFacts
              place={detail.place}
              camera={detail.camera}
              cameraName={detail.cameraName}
              purpose={detail.alert?.purpose ?? null}
            />
            <PlaceMap
              place={detail.place}
              item={{ kind: 'case', id: detail.no, severity: detail.severity }}
            />
          </section>
          {detail.notifications.length > 0 ? (
            <section>
              <h2>{t('notification.title')}</h2>
              <NotificationList items={detail.notifications} />
            </section>
          ) : null}
        </div>
      </div>
    </article>
  )
}
