import { useTranslation } from 'react-i18next'
import type { RouteTrial } from '../api/admin.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'

/** Route > departments by channels > deadlines. */
export function TrialAnswer({ trial }: { readonly trial: RouteTrial }) {
  const { t } = useTranslation()
  const label = useLabel()
  const { route, departments, clocks } = trial
  if (!route) return <p className="failed">{t('admin.trial.none')}</p>
  return (
    <>
      <p>
        {t('admin.trial.route', { n: route.place, id: route.id })} · {t(`admin.notify.${route.notify}`)}
      </p>
      <ul>
        {departments.map(({ id, name, part, channels, reachable }) => (
          <li key={id} className="break">
            {t(`admin.trial.${part}`, { name: label(name) })}
            {t('admin.trial.by', {
              channels:
                channels.map(({ kind }) => t(`admin.channelKind.${kind}`)).join(' / ') || t('admin.none'),
            })}
            {reachable ? null : <span className="tag tag-warn">{t('departments.unreachable')}</span>}
          </li>
        ))}
      </ul>
      <p>
        {t('admin.trial.acceptBy')} <Moment at={clocks.acceptBy} full /> · {t('admin.trial.handleBy')}{' '}
        <Moment at={clocks.handleBy} full /> · {t('admin.trial.checkBy')} <Moment at={clocks.checkBy} full />{' '}
        ({t(`admin.clock.${clocks.time}`)})
      </p>
    </>
  )
}
