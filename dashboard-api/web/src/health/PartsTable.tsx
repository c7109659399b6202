import { useTranslation } from 'react-i18next'
import type { Health } from '../api/types.ts'
import { Moment } from '../time/Moment.tsx'
import { PartText } from './HealthBadge.tsx'

const RANK = { down: 0, degraded: 1, not_built: 2, ok: 3 } as const

/** Every part that health names, bad ones first, with the way out. */
export function PartsTable({ health }: { readonly health: Health }) {
  const { t, i18n } = useTranslation()
  const name = (part: string) => (i18n.exists(`part.${part}`) ? t(`part.${part}`) : part)
  const remedy = (part: string, code: string) => {
    const key = [`healthRemedy.${part}.${code}`, `healthRemedy.${part}.any`].find((each) => i18n.exists(each))
    return key ? t(key) : t('healthDesk.noRemedy')
  }
  const parts = health.parts.toSorted((a, b) => RANK[a.status] - RANK[b.status])
  return (
    <section>
      <h2>{t('healthDesk.parts')}</h2>
      <p className="caption">
        {t('healthDesk.asOf')} <Moment at={health.now} full /> · Sharp Eyes {health.version}
      </p>
      <div className="table-scroll">
        <table className="figure-table">
          <thead>
            <tr>
              <th scope="col">{t('healthDesk.part')}</th>
              <th scope="col">{t('healthDesk.state')}</th>
              <th scope="col">{t('healthDesk.what')}</th>
              <th scope="col">{t('healthDesk.remedy')}</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <tr key={`${part.name} ${part.code} ${part.detail}`}>
                <th scope="row">{name(part.name)}</th>
                <td className={part.status === 'ok' || part.status === 'not_built' ? undefined : 'failed'}>
                  {t(`partStatus.${part.status}`)}
                </td>
                <td>
                  <PartText part={part} />
                </td>
                <td>
                  {part.status === 'ok' || part.status === 'not_built' ? '' : remedy(part.name, part.code)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
