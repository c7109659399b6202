import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { AuditEntry } from '../../../../core/api/audit.ts'
import { rejectText } from '../alerts/reject-text.ts'
import { auditProofUrl } from '../api/audit.ts'
import { actorName } from '../parts/actor-name.ts'
import { ReasonText } from '../parts/ReasonText.tsx'
import { Moment } from '../time/Moment.tsx'
import { useActionName, useObjectName } from './action-name.ts'
import { linkOf } from './search.ts'

export function AuditTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const { t } = useTranslation()
  const actionName = useActionName()
  return (
    <div className="table-scroll">
      <table className="case-table audit-table">
        <caption className="sr-only">{t('audit.entries')}</caption>
        <thead>
          <tr>
            {(['at', 'who', 'action', 'object', 'purpose', 'reason', 'pos'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`audit.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry, index) => (
            <Row
              // What waits for its position has no number yet.
              key={entry.pos ?? `${entry.at} ${index}`}
              entry={entry}
              name={actionName(entry.topic, entry.action)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ entry, name }: { readonly entry: AuditEntry; readonly name: string }) {
  const { t, i18n } = useTranslation()
  const { pos, at, topic, action, who, whoKind, object, camera, purpose, reason } = entry
  const objectName = useObjectName()
  const link = linkOf(entry)
  // Of a look at what belongs to no camera the server wrote `unknown`.
  const purposeKey =
    purpose === 'audit' ? 'audit.title' : purpose === 'unknown' ? 'audit.noPurpose' : `purpose.${purpose}`
  return (
    <tr>
      <td className="cell-filed">
        <Moment at={at} full />
      </td>
      <td className={whoKind === 'person' ? 'break' : 'break caption'}>
        {who === null ? (
          actorName(t, who, whoKind)
        ) : (
          <Link to={`/audit?${new URLSearchParams({ who })}`}>{actorName(t, who, whoKind)}</Link>
        )}
      </td>
      <td>{name}</td>
      <td className="break">
        {link ? <Link to={link}>{objectName(object)}</Link> : objectName(object)}
        {camera && !object.endsWith(camera) ? <div className="caption">{camera}</div> : null}
      </td>
      <td data-label={t('audit.purpose')}>
        {purpose === null ? '' : i18n.exists(purposeKey) ? t(purposeKey) : purpose}
      </td>
      <td className="break audit-reason" data-label={t('audit.reason')}>
        {reason === null ? null : topic === 'alert' ? (
          rejectText(t, i18n, reason)
        ) : (
          <ReasonText reason={reason} of={topic === 'look' ? `look.${action}` : whoKind} />
        )}
      </td>
      <td className="num">
        {pos === null ? (
          <span className="caption">{t('audit.waiting')}</span>
        ) : (
          <a href={auditProofUrl(pos)} target="_blank" rel="noreferrer" title={t('audit.proof')}>
            #{pos}
          </a>
        )}
      </td>
    </tr>
  )
}
