import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { AlertTags } from '../alerts/AlertTags.tsx'
import { stillUrl } from '../api/alerts.ts'
import type { AlertItem } from '../api/types.ts'
import { Moment } from '../time/Moment.tsx'
import { useTypeName } from '../words/names.ts'

/** The alert a case was filed from: its picture, its state now, and the way to it. */
export function CaseAlert({ alert }: { readonly alert: AlertItem }) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  return (
    <section>
      <h2>{t('case.alert')}</h2>
      <Link className="case-alert" to={`/alerts/${alert.id}`}>
        {alert.still === 'ready' ? (
          <img src={stillUrl(alert.id, 'thumb')} alt={t('picture.alt', { type: typeName(alert.type) })} />
        ) : (
          <span className="row-thumb">{t(`picture.${alert.still}`)}</span>
        )}
        <span>
          {typeName(alert.type)} · <Moment at={alert.startedAt} />
        </span>
      </Link>
      <div className="row-tags">
        <AlertTags alert={alert} />
      </div>
    </section>
  )
}
