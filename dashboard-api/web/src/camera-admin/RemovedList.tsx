import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type RemovedCamera, removedCamerasQuery, returnCamera } from '../api/camera-setup.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { actorName } from '../parts/actor-name.ts'
import { ListState } from '../parts/ListState.tsx'
import { Pages } from '../parts/Pages.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { ReasonText } from '../parts/ReasonText.tsx'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'

/** Cameras that were taken out: who, when, why, and back as they were. */
export function RemovedList({ admin }: { readonly admin: boolean }) {
  const { t } = useTranslation()
  const query = useQuery(removedCamerasQuery)
  const items = query.data?.items ?? []
  return (
    <section aria-label={t('cameraAdmin.removed')}>
      <h2>{t('cameraAdmin.removed')}</h2>
      <ListState
        query={query}
        what={t('cameraAdmin.removed')}
        empty={items.length === 0}
        emptyText={<p>{t('cameraAdmin.noneRemoved')}</p>}
      >
        <Pages items={items} label={t('cameraAdmin.removed')} size={20}>
          {(page) => (
            <ul className="version-list">
              {page.map((item) => (
                <RemovedRow key={item.id} item={item} admin={admin} />
              ))}
            </ul>
          )}
        </Pages>
      </ListState>
    </section>
  )
}

function RemovedRow({ item, admin }: { readonly item: RemovedCamera; readonly admin: boolean }) {
  const { t } = useTranslation()
  const label = useLabel()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const [open, setOpen] = useState(false)
  const back = useMutation({
    mutationFn: (reason: string) => returnCamera(item.id, item.body, reason),
    onSettled: () => client.invalidateQueries({ queryKey: ['cameras'] }),
  })
  return (
    <li>
      <div className="action-row">
        <strong className="break">{label(item.body.name as { zh: string; en: string })}</strong>
        <span className="caption">{item.id}</span>
        <Moment at={item.at} full />
        <span className="break">{actorName(t, item.actor, item.actorKind)}</span>
        {admin ? (
          <Button
            size="small"
            aria-expanded={open}
            aria-label={t('cameraAdmin.returnOf', { id: item.id })}
            onClick={() => setOpen(!open)}
          >
            {t('cameraAdmin.return')}
          </Button>
        ) : null}
      </div>
      <p className="break caption">
        <ReasonText reason={item.reason} of={item.actorKind} />
      </p>
      {open ? (
        <div className="panel">
          <p>{t('cameraAdmin.returnWhat')}</p>
          <ReasonForm
            words={t('cameraAdmin.return')}
            busy={back.isPending}
            disabled={offline}
            onSend={(reason) =>
              back.mutateAsync(reason).then(
                () => true,
                () => false,
              )
            }
          />
          {back.error ? (
            <ProblemNotice what={t('cameraAdmin.notReturned', { id: item.id })} error={back.error} />
          ) : null}
        </div>
      ) : null}
    </li>
  )
}
