import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { attach, attachmentUrl } from '../api/cases.ts'
import type { CaseDetail } from '../api/types.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'

/** Photos of the case, oldest first, and a way to add one. */
export function Attachments({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation()
  const session = useSession()
  const open = detail.state !== 'closed' && detail.state !== 'voided'
  const may =
    open &&
    (hasRole(session, 'operator', 'officer') ||
      (hasRole(session, 'verifier') && detail.state === 'pending_check'))
  return (
    <section>
      <h2>{t('attachments.title', { n: detail.attachments.length })}</h2>
      {detail.attachments.length === 0 ? <p className="caption">{t('attachments.none')}</p> : null}
      <ul className="photos">
        {detail.attachments.map((item) => (
          <li key={item.id}>
            <a href={attachmentUrl(detail.no, item.id)} target="_blank" rel="noreferrer">
              <img
                src={attachmentUrl(detail.no, item.id)}
                alt={t('attachments.alt', { name: item.name ?? item.id, by: item.by })}
                loading="lazy"
              />
            </a>
            <span className="caption" title={`SHA-256 ${item.sha256}`}>
              {item.by} · <Moment at={item.at} />
            </span>
          </li>
        ))}
      </ul>
      {may ? <UploadButton no={detail.no} /> : null}
    </section>
  )
}

/** Uploads at once what is chosen; `onUploaded` hears the ids. */
export function UploadButton({
  no,
  onUploaded,
}: {
  readonly no: string
  readonly onUploaded?: (ids: readonly string[]) => void
}) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const offline = useConnection().kind === 'offline'
  const upload = useMutation({
    mutationFn: async (files: readonly File[]) => {
      for (const file of files) {
        const { id } = await attach(no, file)
        onUploaded?.([id])
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['case', no] }),
  })
  return (
    <div className="upload">
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple
        hidden
        aria-label={t('attachments.choose')}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          event.target.value = '' // the same photo can be chosen again after a failure
          if (files.length > 0) upload.mutate(files)
        }}
      />
      <Button loading={upload.isPending} disabled={offline} onClick={() => input.current?.click()}>
        {t('attachments.add')}
      </Button>
      {upload.error ? <ProblemNotice what={t('attachments.notSaved')} error={upload.error} /> : null}
    </div>
  )
}
