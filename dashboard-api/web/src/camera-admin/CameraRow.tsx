import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { removeCamera } from '../api/camera-setup.ts'
import type { ConfigItem } from '../api/rules.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { useLabel } from '../words/language.ts'
import { LoginForm } from './LoginForm.tsx'

interface Props {
  readonly item: ConfigItem
  readonly admin: boolean
  readonly columns: number
}

/** One camera; what changes it opens below it. */
export function CameraRow({ item, admin, columns }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const [open, setOpen] = useState<'login' | 'remove' | null>(null)
  const { id, version, managedBy, body } = item
  const path = `/cameras/${encodeURIComponent(id)}`
  const name = label(body.name as { zh: string; en: string })
  const file = typeof body.credentialsFile === 'string' ? body.credentialsFile : null
  const refresh = () => client.invalidateQueries({ queryKey: ['cameras'] })
  const remove = useMutation({
    mutationFn: (reason: string) => removeCamera(id, { version, reason }),
    onSettled: refresh,
  })
  const own = managedBy === 'desk'
  const toggle = (what: 'login' | 'remove') => setOpen(open === what ? null : what)
  return (
    <>
      <tr>
        <td className="break">
          <Link to={path}>{name}</Link> <span className="caption">{id}</span>
        </td>
        <td>{t(`purpose.${String(body.purpose)}`)}</td>
        <td className="break">
          {String(body.url)}
          {file ? <span className="caption camera-file">{t('cameraAdmin.file', { file })}</span> : null}
        </td>
        <td data-label={t('cameraAdmin.head.managed')}>{t(`cameraAdmin.by.${managedBy}`)}</td>
        <td className="num" data-label={t('cameraAdmin.head.version')}>
          <Link to={`${path}/rules`} aria-label={t('cameraAdmin.versionsOf', { id, n: version })}>
            {version}
          </Link>
        </td>
        <td>
          {!admin ? null : own ? (
            <span className="action-row">
              <Button
                size="small"
                aria-expanded={open === 'login'}
                aria-label={t('cameraAdmin.loginOf', { id })}
                onClick={() => toggle('login')}
              >
                {t('cameraAdmin.login')}
              </Button>
              <Button
                size="small"
                danger
                aria-expanded={open === 'remove'}
                aria-label={t('cameraAdmin.removeOf', { id })}
                onClick={() => toggle('remove')}
              >
                {t('cameraAdmin.remove')}
              </Button>
            </span>
          ) : (
            <span className="caption">{t('cameraAdmin.inFile')}</span>
          )}
        </td>
      </tr>
      {open ? (
        <tr>
          <td colSpan={columns}>
            <section
              className="panel"
              aria-label={t(open === 'login' ? 'cameraAdmin.loginOf' : 'cameraAdmin.removeOf', { id })}
            >
              {open === 'login' ? (
                <LoginForm item={item} onDone={() => setOpen(null)} />
              ) : (
                <>
                  <p>{t('cameraAdmin.removeWhat', { id })}</p>
                  <ReasonForm
                    words={t('cameraAdmin.remove')}
                    busy={remove.isPending}
                    disabled={offline}
                    onSend={(reason) =>
                      remove.mutateAsync(reason).then(
                        () => true,
                        () => false,
                      )
                    }
                  />
                  {remove.error ? (
                    <ProblemNotice what={t('cameraAdmin.notRemoved', { id })} error={remove.error} />
                  ) : null}
                </>
              )}
            </section>
          </td>
        </tr>
      ) : null}
    </>
  )
}
