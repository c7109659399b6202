import { useTranslation } from 'react-i18next'
import type { CaseState } from '../../../../core/case/words.ts'
import { CASE_STATES } from '../../../../core/case/words.ts'
import type { CaseDetail } from '../api/types.ts'
import { actorName } from '../parts/actor-name.ts'
import { ReasonText } from '../parts/ReasonText.tsx'
import { Moment } from '../time/Moment.tsx'
import { useStateName } from '../words/names.ts'
import { LogFacts } from './LogFacts.tsx'

const known = (state: string | null): state is CaseState =>
  (CASE_STATES as readonly (string | null)[]).includes(state)

/** The follow-up log 跟踪记录: who, when, what, why, with what evidence. */
export function CaseLog({ log }: { readonly log: CaseDetail['log'] }) {
  const { t, i18n } = useTranslation()
  const stateName = useStateName()
  return (
    <ol className="case-log">
      {log.map((entry) => (
        <li key={entry.seq} data-actor={entry.actorKind}>
          <div className="log-head">
            <span className="num log-seq">{entry.seq}</span>
            <strong>{i18n.exists(`log.${entry.kind}`) ? t(`log.${entry.kind}`) : entry.kind}</strong>
            {known(entry.to) && entry.to !== entry.from ? (
              <span className="caption">→ {stateName(entry.to)}</span>
            ) : null}
            <span className="log-who caption">
              {actorName(t, entry.actor, entry.actorKind)}
              {entry.role ? ` · ${t(`role.${entry.role}`)}` : null} · <Moment at={entry.at} />
            </span>
          </div>
          {entry.reason ? (
            <p className="log-reason break">
              <ReasonText reason={entry.reason} of={entry.actorKind} />
            </p>
          ) : null}
          <LogFacts entry={entry} />
        </li>
      ))}
    </ol>
  )
}
