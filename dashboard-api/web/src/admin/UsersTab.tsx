import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accountsQuery, configQuery, makePassword } from '../api/admin.ts'
import { ListState } from '../parts/ListState.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { useDepartmentName } from '../parts/use-department-name.ts'
import type { TabProps } from './AdminPage.tsx'
import { textOf, textsOf } from './body.ts'
import { ObjectList } from './ObjectList.tsx'
import { ObjectPanel } from './ObjectPanel.tsx'
import { type Issued, PasswordPart } from './PasswordPart.tsx'
import { UserFields } from './UserFields.tsx'

/** People who may log in. */
export function UsersTab({ chosen, choose }: TabProps) {
  const { t } = useTranslation()
  const query = useQuery(configQuery('user'))
  const accounts = useQuery(accountsQuery)
  const department = useDepartmentName()
  const client = useQueryClient()
  const [issued, setIssued] = useState<Issued | null>(null)
  const [failed, setFailed] = useState<unknown>(null)
  const users = query.data ?? []
  const item = users.find((user) => user.id === chosen) ?? null
  const account = (name: string) => accounts.data?.find((each) => each.name === name) ?? null
  const issue = async (name: string, reason: string): Promise<boolean> => {
    setFailed(null)
    try {
      setIssued(await makePassword(name, reason))
      return true
    } catch (error) {
      setFailed(error)
      return false
    } finally {
      await client.invalidateQueries({ queryKey: accountsQuery.queryKey })
    }
  }
  return (
    <div className="admin-columns">
      <ListState query={query} what={t('admin.tab.users')} empty={users.length === 0} emptyText={null}>
        <ObjectList
          title={t('admin.tab.users')}
          add={t('admin.add.user')}
          {...{ chosen, choose }}
          items={users.map((user) => ({
            ...{ id: user.id, name: user.id, managedBy: user.managedBy },
            facts: [
              ...textsOf(user.body.roles).map((role) => t(`role.${role}`)),
              ...(user.body.department ? [department(textOf(user.body.department))] : []),
            ],
            warn: account(user.id)?.password === 'none' ? t('admin.password.none') : null,
          }))}
        />
      </ListState>
      {chosen === 'new' || item ? (
        <section className="admin-detail" aria-label={item?.id ?? t('admin.add.user')}>
          <h2>{item?.id ?? t('admin.add.user')}</h2>
          {chosen === 'new' ? <p className="caption">{t('admin.newUserHint')}</p> : null}
          <ObjectPanel
            key={item?.id ?? 'new'}
            kind="user"
            item={item}
            taken={users.map(({ id }) => id)}
            start={{ roles: [] }}
            form={(props) => <UserFields {...props} isNew={item === null} />}
            onSaved={(saved, added, reason) => {
              if (!added) return
              choose(saved.id)
              void issue(saved.id, reason)
            }}
            onRemoved={() => choose(null)}
          >
            {item ? (
              <PasswordPart
                key={item.id}
                item={item}
                account={account(item.id)}
                issued={issued?.name === item.id ? issued : null}
                onIssue={(reason) => issue(item.id, reason)}
                onHide={() => setIssued(null)}
              />
            ) : null}
            {failed ? <ProblemNotice what={t('admin.password.failed')} error={failed} /> : null}
          </ObjectPanel>
        </section>
      ) : (
        <p className="empty admin-detail">{chosen ? t('admin.gone', { id: chosen }) : t('admin.choose')}</p>
      )}
    </div>
  )
}
