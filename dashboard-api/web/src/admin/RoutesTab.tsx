import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { configQuery } from '../api/admin.ts'
import { Field } from '../parts/Field.tsx'
import { ListState } from '../parts/ListState.tsx'
import type { TabProps } from './AdminPage.tsx'
import { ObjectList } from './ObjectList.tsx'
import { ObjectPanel } from './ObjectPanel.tsx'
import { RouteFields } from './RouteFields.tsx'
import { RouteTrialPanel } from './RouteTrialPanel.tsx'
import { positionBefore } from './route-order.ts'
import { useRouteText } from './use-route-text.ts'

const END = ' end'

/** Which department gets what: the first route that matches. */
export function RoutesTab({ chosen, choose }: TabProps) {
  const { t } = useTranslation()
  const query = useQuery(configQuery('route'))
  const text = useRouteText()
  const [before, setBefore] = useState<string | null>(null)
  const items = query.data ?? []
  const item = items.find((each) => each.id === chosen) ?? null
  const open = (id: string | null) => {
    setBefore(null)
    choose(id)
  }
  const position = item && before ? positionBefore(items, item.id, before === END ? null : before) : null
  const numberOf = (id: string) => items.findIndex((each) => each.id === id) + 1
  const places = [...items.filter((each) => each.id !== item?.id).map(({ id }) => id), END].map((id) => ({
    value: id,
    label: id === END ? t('admin.route.atEnd') : t('admin.route.beforeNo', { n: numberOf(id), id }),
    disabled: !item || positionBefore(items, item.id, id === END ? null : id) === null,
  }))
  return (
    <>
      <RouteTrialPanel />
      <div className="admin-columns">
        <ListState query={query} what={t('admin.tab.routes')} empty={false} emptyText={null}>
          <ObjectList
            ordered
            title={t('admin.tab.routes')}
            add={t('admin.add.route')}
            chosen={chosen}
            choose={open}
            items={items.map((route) => ({
              ...{ id: route.id, managedBy: route.managedBy, name: text.condition(route.body) },
              ...{ facts: [text.target(route.body)], warn: null },
            }))}
          />
        </ListState>
        {chosen === 'new' || item ? (
          <section className="admin-detail" aria-label={item?.id ?? t('admin.add.route')}>
            <h2>
              {item ? t('admin.route.no', { n: numberOf(item.id), id: item.id }) : t('admin.add.route')}
            </h2>
            {item ? null : <p className="caption">{t('admin.newRouteHint')}</p>}
            <ObjectPanel
              key={item?.id ?? 'new'}
              kind="route"
              item={item}
              taken={items.map(({ id }) => id)}
              start={{}}
              form={(props) => (
                <>
                  <RouteFields {...props} isNew={item === null} />
                  {item && !props.readOnly ? (
                    <Field label={t('admin.route.place')}>
                      {(id) => (
                        <Select
                          {...{ id, allowClear: true, value: before, options: places }}
                          placeholder={t('admin.route.keepPlace')}
                          onChange={(next?: string | null) => setBefore(next ?? null)}
                        />
                      )}
                    </Field>
                  ) : null}
                </>
              )}
              move={
                position === null || before === null
                  ? null
                  : {
                      position,
                      words:
                        before === END
                          ? t('admin.route.willEnd')
                          : t('admin.route.willMove', { n: numberOf(before), id: before }),
                    }
              }
              onSaved={(saved, added) => {
                setBefore(null)
                if (added) choose(saved.id)
              }}
              onRemoved={() => open(null)}
            />
          </section>
        ) : (
          <p className="empty admin-detail">{chosen ? t('admin.gone', { id: chosen }) : t('admin.choose')}</p>
        )}
      </div>
    </>
  )
}
