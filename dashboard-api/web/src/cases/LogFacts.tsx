import { useTranslation } from 'react-i18next'
import type { CaseDetail } from '../api/types.ts'
import { ToldText } from '../parts/ToldText.tsx'
import { useChannelName } from '../parts/told.ts'
import { useDepartmentName } from '../parts/use-department-name.ts'
import { Moment } from '../time/Moment.tsx'
import { useComma } from '../words/language.ts'

type Entry = CaseDetail['log'][number]

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const list = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

/** What an entry adds to its name: to whom, until when, the note, how many pictures. */
export function LogFacts({ entry }: { readonly entry: Entry }) {
  const { t } = useTranslation()
  const comma = useComma()
  const departmentName = useDepartmentName()
  const channelName = useChannelName()
  const { data } = entry
  const lead = text(data.lead)
  const department = text(data.department)
  const assist = list(data.assist)
  // What was asked for or parked ends `until` then; `due` is the deadline of the next step.
  const asked = text(data.until)
  const until = asked ?? text(data.due)
  const note = text(data.note)
  const attachments = list(data.attachments)
  // The machine's own words are for the engineer; people read what it means.
  const unreachable = entry.kind === 'unreachable' ? t('departments.unreachableLong') : null
  const error = text(data.error)
  const code = text(data.code)
  const facts = [
    lead ? t('log.to', { name: departmentName(lead) }) : null,
    assist.length > 0 ? t('file.assist', { names: assist.map(departmentName).join(comma) }) : null,
    department
      ? `${departmentName(department)}${text(data.channel) ? ` · ${channelName(String(data.channel))}` : ''}`
      : null,
    typeof data.passed === 'boolean' ? t(data.passed ? 'log.passed' : 'log.failed') : null,
    data.basis === 'recheck' ? t('log.byRecheck') : null,
    typeof data.granted === 'boolean' ? t(data.granted ? 'log.granted' : 'log.refused') : null,
    typeof data.count === 'number' ? t('cases.rework', { n: data.count }) : null,
    entry.kind === 'attachment' ? text(data.name) : null,
    attachments.length > 0 ? t('log.attachments', { n: attachments.length }) : null,
    entry.kind === 'exported' ? text(data.purpose) : null,
    text(data.manifest) ? `manifest.json SHA-256 ${text(data.manifest)}` : null,
    data.confirmedByFiling === true ? t('log.confirmedByFiling') : null,
  ].filter((fact) => fact !== null)
  if (facts.length === 0 && !until && !note && !error && !unreachable) return null
  return (
    <div className="log-facts break">
      {facts.length > 0 ? <span>{facts.join(' · ')}</span> : null}
      {until ? (
        <span>
          {facts.length > 0 ? ' · ' : null}
          {t(asked ? 'log.until' : 'log.due')} <Moment at={until} full />
        </span>
      ) : null}
      {unreachable ? <span className="failed"> {unreachable}</span> : null}
      {error ? (
        <div className="failed">
          <ToldText area="told.notification" told={code === null ? null : { code, facts: {} }} text={error} />
        </div>
      ) : null}
      {note ? <p className="log-note">{note}</p> : null}
    </div>
  )
}
