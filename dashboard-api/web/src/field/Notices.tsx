import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import { useProblemText } from '../parts/problem-text.ts'
import { type Tasks, useField, useOnline } from './use-field.ts'
import { hasServiceWorker } from './worker/register.ts'

/** What is missing here, and what it means: no keeping, no https, no network, old tasks. */
export function Notices({ keeping, tasks }: { readonly keeping: unknown; readonly tasks: Tasks }) {
  const { t } = useTranslation()
  const problem = useProblemText()
  const online = useOnline()
  const { loggedOut } = useField()
  const unread = tasks.error ? toApiError(tasks.error) : null
  return (
    <>
      {keeping ? (
        <p className="field-note" data-kind="bad" role="alert">
          {t('field.noStore')}
        </p>
      ) : null}
      {!hasServiceWorker() ? <p className="field-note">{t('field.noHttps')}</p> : null}
      {!online || unread?.code === 'network' ? (
        <p className="field-note" data-kind="warn" role="status">
          {t('field.offline')}
        </p>
      ) : null}
      {unread && unread.code !== 'network' && !loggedOut ? (
        <p className="field-note" data-kind="bad" role="alert">
          {t('common.notLoaded', { what: t('field.title') })} {problem(unread)}
        </p>
      ) : null}
    </>
  )
}
