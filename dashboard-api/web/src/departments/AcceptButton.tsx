import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { commandCase } from '../api/cases.ts'
import type { CaseItem } from '../api/types.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { showFault } from '../parts/fault.ts'
import { hasRole, useSession } from '../session/session.ts'

/** Accepts a case from the list, for an officer of its lead department. */
export function AcceptButton({ item }: { readonly item: CaseItem }) {
  const { t } = useTranslation()
  const session = useSession()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const accept = useMutation({
    mutationFn: () => commandCase(item.no, { kind: 'accept', version: item.version }),
    onError: (error) => showFault({ what: t('case.notSaved', { no: item.no }), error }),
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
