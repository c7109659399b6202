import { useTranslation } from 'react-i18next'
import type { CaseDetail } from '../api/types.ts'
import { actorName } from '../parts/actor-name.ts'
import { formatSpan } from '../time/format.ts'
import { Moment } from '../time/Moment.tsx'
import { useLanguage } from '../words/language.ts'

/** What the machine saw since the report, and what a person found. Neither stands for the other. */
export function RecheckNote({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const { recheck } = detail
  const verified = detail.log.findLast((entry) => entry.kind === 'verify')
  const reported = detail.log.findLast((entry) => entry.kind === 'report')
  if (!reported) return null
  const current = verified && verified.seq > reported.seq ? verified : null
  return (
    <section className="recheck" aria-label={t('recheck.title')}>
      <dl className="pairs">
        <dt>{t('recheck.title')}</dt>
        <dd>
          {recheck ? (
            <>
              <strong data-result={recheck.result}>{t(`recheck.${recheck.result}`)}</strong>{' '}
              <span className="caption">
                {t('recheck.watched', { span: formatSpan(recheck.watchedMs, language) })}
                {recheck.result === 'watching'
                  ? t('recheck.needed', { span: formatSpan(recheck.neededMs, language) })
                  : null}
                {recheck.firing ? ` · ${t('recheck.firing')}` : null}
                {recheck.again > 0 ? ` · ${t('recheck.again', { n: recheck.again })}` : null}
                {recheck.lastSeenAt ? (
                  <>
                    {' · '}
                    {t('recheck.lastSeen')} <Moment at={recheck.lastSeenAt} />
                  </>
                ) : null}
              </span>
            </>
          ) : (
            t('recheck.none')
          )}
        </dd>
        <dt>{t('recheck.person')}</dt>
        <dd>
          {current ? (
            <>
              <strong>{t(current.data.passed === true ? 'log.passed' : 'log.failed')}</strong>{' '}
              <span className="caption">
                {actorName(t, current.actor, current.actorKind)} · <Moment at={current.at} />
              </span>
            </>
          ) : (
            '—'
          )}
        </dd>
      </dl>
    </section>
  )
}
