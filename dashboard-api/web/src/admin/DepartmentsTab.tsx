import { useQuery } from '@tanstack/react-query'
import { Input } from 'antd'
import { useTranslation } from 'react-i18next'
import { configQuery } from '../api/admin.ts'
import { departmentsQuery } from '../api/cameras.ts'
import { Field } from '../parts/Field.tsx'
import { ListState } from '../parts/ListState.tsx'
import { useLabel } from '../words/language.ts'
import type { TabProps } from './AdminPage.tsx'
import { recordOf, recordsOf, textOf } from './body.ts'
import { ChannelFields } from './ChannelFields.tsx'
import { ChannelTests } from './ChannelTests.tsx'
import { ObjectList } from './ObjectList.tsx'
import { type FormProps, ObjectPanel } from './ObjectPanel.tsx'

/** Departments, and how each is told. */
export function DepartmentsTab({ chosen, choose }: TabProps) {
  const { t } = useTranslation()
  const label = useLabel()
  const query = useQuery(configQuery('department'))
  const reachable = useQuery(departmentsQuery).data?.items
  const items = query.data ?? []
  const item = items.find((each) => each.id === chosen) ?? null
  const nameOf = (body: unknown) => {
    const name = recordOf(recordOf(body).name)
    return label({ zh: textOf(name.zh), en: textOf(name.en) })
  }
  return (
    <div className="admin-columns">
      <ListState query={query} what={t('admin.tab.departments')} empty={false} emptyText={null}>
        <ObjectList
          title={t('admin.tab.departments')}
          add={t('admin.add.department')}
          {...{ chosen, choose }}
          items={items.map(({ id, managedBy, body }) => ({
            ...{ id, managedBy, name: nameOf(body) },
            facts: [id, ...recordsOf(body.channels).map((channel) => textOf(channel.kind))],
            warn:
              reachable?.find((each) => each.id === id)?.reachable === false
                ? t('departments.unreachable')
                : null,
          }))}
        />
      </ListState>
      {chosen === 'new' || item ? (
        <section className="admin-detail" aria-label={item ? nameOf(item.body) : t('admin.add.department')}>
          <h2>{item ? nameOf(item.body) : t('admin.add.department')}</h2>
          <ObjectPanel
            key={item?.id ?? 'new'}
            kind="department"
            item={item}
            taken={items.map(({ id }) => id)}
            start={{ channels: [] }}
            form={(props) => <DepartmentFields {...props} isNew={item === null} />}
            onSaved={(saved, added) => added && choose(saved.id)}
            onRemoved={() => choose(null)}
          >
            {item ? (
              <ChannelTests
                key={`${item.id} ${item.version}`}
                department={item.id}
                channels={recordsOf(item.body.channels)}
              />
            ) : null}
          </ObjectPanel>
        </section>
      ) : (
        <p className="empty admin-detail">{chosen ? t('admin.gone', { id: chosen }) : t('admin.choose')}</p>
      )}
    </div>
  )
}

function DepartmentFields({ body, readOnly, onChange, isNew }: FormProps & { readonly isNew: boolean }) {
  const { t } = useTranslation()
  const name = recordOf(body.name)
  return (
    <div className="panel-form">
      {isNew ? (
        <Field label={t('admin.field.departmentId')}>
          {(id) => (
            <Input
              {...{ id, maxLength: 63, spellCheck: false }}
              value={textOf(body.id)}
              onChange={(event) => onChange({ id: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      {(['zh', 'en'] as const).map((language) => (
        <Field key={language} label={t(`admin.field.name_${language}`)}>
          {(id) => (
            <Input
              {...{ id, disabled: readOnly, maxLength: 100 }}
              value={textOf(name[language])}
              onChange={(event) => onChange({ name: { ...name, [language]: event.target.value } })}
            />
          )}
        </Field>
      ))}
      <ChannelFields
        channels={recordsOf(body.channels)}
        readOnly={readOnly}
        onChange={(channels) => onChange({ channels })}
      />
    </div>
  )
}
