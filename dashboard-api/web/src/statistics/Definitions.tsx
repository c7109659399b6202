import { useTranslation } from 'react-i18next'
import { FIGURE_NAMES, FIGURES } from '../../../../core/statistics/figures.ts'
import { useLabel } from '../words/language.ts'

/** What each figure counts, word by word. `dispatchLimitMs`: by when a case has to be dispatched. */
export function Definitions({ dispatchLimitMs }: { readonly dispatchLimitMs: number }) {
  const { t } = useTranslation()
  const label = useLabel()
  return (
    <section className="definitions">
      <h2>{t('statistics.definitions')}</h2>
      <p className="caption">{t('statistics.basis', { minutes: Math.round(dispatchLimitMs / 60_000) })}</p>
      <dl>
        {FIGURE_NAMES.map((figure) => (
          <div key={figure} id={`figure-${figure}`} tabIndex={-1}>
            <dt>{label(FIGURES[figure])}</dt>
            <dd>
              {FIGURES[figure].shown === 'share' ? (
                <>
                  {label(FIGURES[figure].numerator)} ÷ {label(FIGURES[figure].denominator)}
                </>
              ) : (
                label(FIGURES[figure].numerator)
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p className="caption">{t('statistics.source')}</p>
    </section>
  )
}
