import { useTranslation } from 'react-i18next'
import type { Health } from '../api/types.ts'
import { useTold } from '../parts/told.ts'
import { Moment } from '../time/Moment.tsx'
import { useComma } from '../words/language.ts'
import { PartText } from './PartText.tsx'
import { partAreas } from './part-areas.ts'
import { saidByTypes, type UnavailableType } from './unavailable.ts'

const RANK = { down: 0, degraded: 1, not_built: 2, ok: 3 } as const

interface Props {
  readonly health: Health
  /** Named type by type below: then the analysis as a part says nothing more, unless its model was refused. */
  readonly missing: readonly UnavailableType[]
}

/** What does not work as it should, with the way out; what works is folded below. */
export function PartsTable({ health, missing }: Props) {
  const { t, i18n } = useTranslation()
  const comma = useComma()
  const name = (part: string) => (i18n.exists(`part.${part}`) ? t(`part.${part}`) : part)
  const remedy = (part: string, code: string) => {
    const key = [`healthRemedy.${part}.${code}`, `healthRemedy.${part}.any`].find((each) => i18n.exists(each))
    return key ? t(key) : t('healthDesk.noRemedy')
  }
  const works = health.parts.filter(({ status }) => status === 'ok')
  const parts = health.parts
    .filter((part) => part.status !== 'ok' && !saidByTypes(part, missing))
    .toSorted((a, b) => RANK[a.status] - RANK[b.status])
  return (
    <section>
      <h2>{t('healthDesk.parts')}</h2>
      <p className="caption">
        {t('healthDesk.asOf')} <Moment at={health.now} full /> · Sharp Eyes {health.version}
        {parts.length > 0 ? ` · ${t('healthDesk.sections')}` : null}
      </p>
      {parts.length > 0 ? (
        <div className="table-scroll">
          <table className="figure-table parts">
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
                  <td className={part.status === 'not_built' ? undefined : 'failed'}>
                    {t(`partStatus.${part.status}`)}
                  </td>
                  <td>
                    <PartText part={part} />
                  </td>
                  <td>{part.status === 'not_built' ? '' : remedy(part.name, part.code)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p>{t('healthDesk.allWork')}</p>
      )}
      <details className="works">
        <summary>
          {t('health.okParts', { names: works.map((part) => name(part.name)).join(comma) || '—' })}
        </summary>
        <ul>
          {works.map((part) => (
            <li key={`${part.name} ${part.detail}`}>
              {name(part.name)} <WellText part={part} />
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}

function WellText({ part }: { readonly part: Health['parts'][number] }) {
  const worded = useTold()
  const words = worded(partAreas(part), { code: part.code, facts: part.facts ?? {} })
  return (
    <span className="caption break" lang={words === null ? 'en' : undefined}>
      {words ?? part.detail}
    </span>
  )
}
