import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { askOriginal, originalsQuery, type Sealed } from '../api/originals.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ListState } from '../parts/ListState.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { AskedOwner } from './AskedOwner.tsx'
import { OpenedOriginal } from './OpenedOriginal.tsx'
import { RequestList } from './RequestList.tsx'

/** Sealed originals: ask, decide what another asked, open. */
export function OriginalsPage() {
  const { t } = useTranslation()
  usePageTitle(t('originals.title'))
  const session = useSession()
  const [params, setParams] = useSearchParams()
  const may = hasRole(session, 'investigator', 'auditor')
  const query = useQuery({ ...originalsQuery, enabled: may })
  const asked = sealedOf(params)
  if (!may)
    return (
      <div className="page">
        <h1>{t('originals.title')}</h1>
        <p className="empty">{t('common.noPermission', { what: t('originals.title') })}</p>
      </div>
    )
  const { data } = query
  const two = data?.mode === 'two_person'
  return (
    <div className="page originals">
      <header className="page-head">
        <h1>{t('originals.title')}</h1>
      </header>
      <ListState query={query} what={t('originals.title')} empty={!data} emptyText={null}>
        <p className="caption">{t(two ? 'originals.two' : 'originals.one')}</p>
        {asked && two ? <AskPanel asked={asked} onAsked={() => setParams({})} /> : null}
        {asked && data && !two ? <OpenPanel asked={asked} /> : null}
        {two && data ? <RequestList items={data.items} /> : null}
        {!two && !asked ? <p className="empty">{t('originals.fromAlert')}</p> : null}
      </ListState>
    </div>
  )
}

function sealedOf(params: URLSearchParams): Sealed | null {
  for (const kind of ['alert', 'case', 'recording'] as const) {
    const id = params.get(kind)
    if (id) return { kind, id }
  }
  return null
}

function AskPanel({ asked, onAsked }: { readonly asked: Sealed; readonly onAsked: () => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const ask = useMutation({
    mutationFn: (reason: string) => askOriginal(asked, reason),
    onSettled: () => client.invalidateQueries({ queryKey: originalsQuery.queryKey }),
  })
  return (
    <section className="panel" aria-label={t('originals.ask')}>
      <h2>{t('originals.ask')}</h2>
      <AskedOwner asked={asked} />
      <ReasonForm
        primary
        label={t('originals.why')}
        words={t('originals.send')}
        busy={ask.isPending}
        disabled={offline}
        onSend={async (reason) => {
          try {
            await ask.mutateAsync(reason)
          } catch {
            return false // the notice says why; what was typed stays
          }
          onAsked()
          return true
        }}
      />
      {ask.error ? <ProblemNotice what={t('originals.notAsked')} error={ask.error} /> : null}
    </section>
  )
}

/** Where one person is enough: why, and there it is. */
function OpenPanel({ asked }: { readonly asked: Sealed }) {
  const { t } = useTranslation()
  const offline = useConnection().kind === 'offline'
  const [reason, setReason] = useState<string | null>(null)
  return (
    <section className="panel" aria-label={t('originals.open')}>
      <h2>{t('originals.open')}</h2>
      <AskedOwner asked={asked} />
      {asked.kind === 'case' ? (
        <p>{t('originals.casePack')}</p>
      ) : reason === null ? (
        <ReasonForm
          primary
          label={t('originals.why')}
          words={t('originals.open')}
          busy={false}
          disabled={offline}
          onSend={async (why) => {
            if (why.length < 2) return false
            setReason(why)
            return true
          }}
        />
      ) : (
        <OpenedOriginal sealed={asked} reason={reason} />
      )}
    </section>
  )
}
