import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useProblemText } from '../parts/problem-text.ts'
import type { BatchRow } from './use-batch-accept.ts'

/** What became of each case of the batch; it stays until it is read. */
export function BatchResult({
  rows,
  onClose,
}: {
  readonly rows: readonly BatchRow[]
  readonly onClose: () => void
}) {
  const { t } = useTranslation()
  const problem = useProblemText()
  if (rows.length === 0) return null
  const failed = rows.filter(({ error }) => error !== null)
  return (
    <section className="panel batch-result" aria-label={t('batch.result')} role="status">
      <p>
        {t('batch.accepted', { n: rows.length - failed.length })}
        {failed.length > 0 ? (
          <span className="failed"> {t('batch.failed', { n: failed.length })}</span>
        ) : null}
      </p>
      <ul>
        {failed.map(({ no, error }) => (
          <li key={no}>
            <Link to={`/cases/${encodeURIComponent(no)}`} className="num">
              {no}
            </Link>{' '}
            <span className="failed break">{error ? problem(error) : null}</span>
          </li>
        ))}
      </ul>
      <Button size="small" onClick={onClose}>
        {t('batch.close')}
      </Button>
    </section>
  )
}
