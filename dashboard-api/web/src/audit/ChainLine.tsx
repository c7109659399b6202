import { useTranslation } from 'react-i18next'
import type { AuditTree } from '../../../../core/api/audit.ts'
import { Moment } from '../time/Moment.tsx'

/** State of the log in one line: whole, or how far it is; with the time of what is said. */
export function ChainLine({ tree }: { readonly tree: AuditTree }) {
  const { t, i18n } = useTranslation()
  const n = (value: number) => value.toLocaleString(i18n.language)
  const { state, size, pos, checkpoint, checkedAt } = tree
  return (
    <p className="audit-chain">
      <strong>{t(`audit.state.${state}`, { size: n(size), pos: n(pos) })}</strong>
      {checkpoint ? (
        <span>
          {t('audit.checkpointOf', { size: n(checkpoint.size) })} <Moment at={checkpoint.at} full />
        </span>
      ) : (
        <span>{t('audit.noCheckpoint')}</span>
      )}
      {checkedAt ? (
        <span className="caption">
          {t('audit.checkedAt')} <Moment at={checkedAt} full />
        </span>
      ) : null}
    </p>
  )
}
