import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { commandCase } from '../api/cases.ts'
import { toApiError } from '../api/problem.ts'
import type { CaseItem } from '../api/types.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { useProblemText } from '../parts/problem-text.ts'
import { hasRole, useSession } from '../session/session.ts'

/** Accepts a case from the list, for an officer of its lead department. */
export function AcceptButton({ item }: { readonly item: CaseItem }) {
  const { t } = useTranslation()
  const session = useSession()
  const client = useQueryClient()
  const { notification } = App.useApp()
  const problem = useProblemText()
  const offline = useConnection().kind === 'offline'
  const accept = useMutation({
    mutationFn: () => commandCase(item.no, { kind: 'accept', version: item.version }),
    onError: (error) =>
      notification.error({
        title: t('case.notSaved', { no: item.no }),
        description: problem(toApiError(error)),
        duration: 0, // an error stays until it is read
      }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['cases'] }),
        client.invalidateQueries({ queryKey: ['case', item.no] }),
      ]),
  })
  const may =
    hasRole(session, 'officer') && session.department === item.lead && item.state === 'pending_accept'
  if (!may) return null
  return (
    <Button
      size="small"
      type="primary"
      disabled={offline}
      loading={accept.isPending}
      onClick={() => accept.mutate()}
    >
      {t('move.accept')}
    </Button>
  )
}
