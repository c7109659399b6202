import { useMutation } from '@tanstack/react-query'
import { Button, Checkbox, Input } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { exportPack, saveAs } from '../api/evidence.ts'
import { OriginalsLink } from '../originals/OriginalsLink.tsx'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { mebibytes } from './size.ts'

/** Asks for whom and why, downloads the pack with its progress, and says the hash that the log keeps. */
export function ExportForm({ no, onClose }: { readonly no: string; readonly onClose: () => void }) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const [purpose, setPurpose] = useState('')
  const [originals, setOriginals] = useState(false)
  const [bytes, setBytes] = useState<{ done: number; total: number | null } | null>(null)
  const abort = useRef<AbortController | null>(null)
  useEffect(() => () => abort.current?.abort(), [])
  const ready = reason.trim().length >= 2 && purpose.trim().length >= 2
  const work = useMutation({
    mutationFn: async () => {
      const stop = new AbortController()
      abort.current = stop
      setBytes(null)
      const asked = { reason: reason.trim(), purpose: purpose.trim(), originals }
      const pack = await exportPack(no, asked, (done, total) => setBytes({ done, total }), stop.signal)
      saveAs(pack.blob, `${no}.zip`)
      return pack.manifest
    },
  })
  const submit = () => {
    if (ready && !work.isPending) work.mutate()
  }
  const stopped = abort.current?.signal.aborted === true
  return (
    <fieldset className="panel-form no-print" onKeyDown={submitOnCtrlEnter(submit)}>
      <p className="caption">{t('evidence.exportHint')}</p>
      <Field label={t('moveForm.reason')}>
        {(id) => (
          <Input.TextArea
            id={id}
            autoFocus
            rows={2}
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      <Field label={t('evidence.purpose')}>
        {(id) => (
          <Input
            id={id}
            maxLength={500}
            value={purpose}
            onChange={(event) => setPurpose(event.target.value)}
          />
        )}
      </Field>
      <Checkbox checked={originals} onChange={(event) => setOriginals(event.target.checked)}>
        {t('evidence.originals')}
      </Checkbox>
      <OriginalsLink />
      {work.isPending ? (
        <div className="pack-progress" role="status">
          <progress max={bytes?.total ?? undefined} value={bytes?.total ? bytes.done : undefined} />{' '}
          {bytes ? (
            <span className="num">
              {mebibytes(bytes.done)} / {bytes.total === null ? '—' : mebibytes(bytes.total)}
            </span>
          ) : (
            t('evidence.preparing')
          )}
        </div>
      ) : null}
      {work.isSuccess ? (
        <p className="break" role="status">
          {t('evidence.exported')} <code>{work.data}</code>
        </p>
      ) : null}
      {work.error ? (
        stopped ? (
          <p className="caption">{t('evidence.stopped')}</p>
        ) : (
          <ProblemNotice what={t('evidence.notExported', { no })} error={work.error} />
        )
      ) : null}
      <div className="action-row">
        <Button type="primary" disabled={!ready} loading={work.isPending} onClick={submit}>
          {t('evidence.export')} <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </Button>
        <Button
          type="text"
          onClick={() => {
            if (work.isPending) abort.current?.abort()
            else onClose()
          }}
        >
          {t(work.isSuccess ? 'evidence.close' : 'common.cancel')}
        </Button>
        {ready ? null : <span className="caption">{t('evidence.missing')}</span>}
      </div>
    </fieldset>
  )
}
