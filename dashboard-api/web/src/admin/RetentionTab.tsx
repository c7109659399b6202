import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { retentionQuery } from '../api/admin.ts'
import { ListState } from '../parts/ListState.tsx'

const CLASSES = ['alert', 'case', 'original', 'changes', 'events', 'readings'] as const

/** How long what is kept. */
export function RetentionTab() {
  const { t } = useTranslation()
  const query = useQuery(retentionQuery)
  const { data } = query
  return (
    <ListState query={query} what={t('admin.tab.retention')} empty={!data} emptyText={null}>
      <div className="table-scroll">
        <table className="case-table">
          <caption className="sr-only">{t('admin.tab.retention')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('admin.retention.what')}</th>
              <th scope="col">{t('admin.retention.days')}</th>
              <th scope="col">{t('admin.retention.note')}</th>
            </tr>
          </thead>
          <tbody>
            {data
              ? CLASSES.map((name) => (
                  <tr key={name}>
                    <th scope="row">{t(`admin.retention.class.${name}`)}</th>
                    <td className="cell-state num">
                      {data[name] === null
                        ? t('admin.retention.forGood')
                        : t('admin.retention.n', { n: data[name] })}
                    </td>
                    <td className="cell-place">{t(`admin.retention.about.${name}`)}</td>
                  </tr>
                ))
              : null}
          </tbody>
        </table>
      </div>
      <p className="caption">{t('admin.retention.lead')}</p>
    </ListState>
  )
}
