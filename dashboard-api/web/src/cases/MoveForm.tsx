import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Radio } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaseCommandKind } from '../../../../core/case/words.ts'
import { caseQuery, commandCase } from '../api/cases.ts'
import { toApiError } from '../api/problem.ts'
import type { CaseDetail } from '../api/types.ts'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { useSession } from '../session/session.ts'
import { UploadButton } from './Attachments.tsx'
import { ConflictNotice } from './ConflictNotice.tsx'
import { DepartmentFields } from './DepartmentFields.tsx'
import { asksFor, buildCommand, EMPTY_DRAFT, type MoveDraft, missing, photoNeed } from './move-draft.ts'
import { PhotoPicker } from './PhotoPicker.tsx'
import { UntilField } from './UntilField.tsx'

interface Props {
  readonly kind: CaseCommandKind
  readonly detail: CaseDetail
  readonly onClose: () => void
}

/**
 * One move with what it asks for. It carries the version that its writer has seen; when somebody else moves the case
 * meanwhile, their change is shown beside what was typed, and nothing typed is lost.
 */
export function MoveForm({ kind, detail, onClose }: Props) {
  const { t, i18n } = useTranslation()
  const client = useQueryClient()
  const { city, name } = useSession()
  const [draft, setDraft] = useState<MoveDraft>(EMPTY_DRAFT)
  const [seen, setSeen] = useState({ version: detail.version, seq: lastSeq(detail) })
  const change = (part: Partial<MoveDraft>) => setDraft((old) => ({ ...old, ...part }))
  const asks = asksFor(kind)
  const moved = detail.version !== seen.version
  const refusal = detail.moves.find((each) => each.kind === kind && !each.allowed)?.reason ?? null

  const move = useMutation({
    mutationFn: () => commandCase(detail.no, buildCommand(kind, seen.version, draft)),
    onSuccess: onClose,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: caseQuery(detail.no).queryKey }),
        client.invalidateQueries({ queryKey: ['cases'] }),
      ]),
  })
  const need = photoNeed(kind, draft, detail, name)
  const gap = missing(kind, draft, need)
  const submit = () => {
    if (gap === null && !moved && refusal === null && !move.isPending) move.mutate()
  }
  const conflict = move.error !== null && toApiError(move.error).code === 'version_conflict'

  return (
    <section className="panel" aria-label={t(`move.${kind}`)}>
      <p className="panel-title">{t(`moveHint.${kind}`)}</p>
      <fieldset className="panel-form" onKeyDown={submitOnCtrlEnter(submit)}>
        {asks.department ? <DepartmentFields draft={draft} onChange={change} /> : null}
        {asks.answer ? (
          <Radio.Group
            value={draft.answer}
            onChange={(event) => change({ answer: event.target.value as boolean })}
            options={[
              { value: true, label: t(kind === 'verify' ? 'log.passed' : 'log.granted') },
              { value: false, label: t(kind === 'verify' ? 'log.failed' : 'log.refused') },
            ]}
          />
        ) : null}
        {asks.until ? (
          <UntilField
            timezone={city.timezone}
            onChange={(until) => change({ until, timezone: city.timezone })}
          />
        ) : null}
        {asks.words ? (
          <Field
            label={
              <>
                {t(`moveForm.${asks.words}`)}
                {asks.optional ? <span className="caption"> · {t('moveForm.optional')}</span> : null}
              </>
            }
          >
            {(id) => (
              <Input.TextArea
                id={id}
                autoFocus={!asks.department && !asks.answer && !asks.until}
                rows={3}
                maxLength={asks.words === 'note' ? 4_000 : 2_000}
                value={draft.words}
                onChange={(event) => change({ words: event.target.value })}
              />
            )}
          </Field>
        ) : null}
        {asks.photos ? (
          <div>
            {kind === 'verify' || need ? (
              <p className="caption">
                {t(`verifyNeeds.${need ?? (detail.recheck?.result === 'not_seen' ? 'recheck' : 'photo')}`)}
              </p>
            ) : null}
            <PhotoPicker
              detail={detail}
              chosen={draft.attachments}
              onChange={(attachments) => change({ attachments })}
            />
            <UploadButton
              no={detail.no}
              onUploaded={(ids) => setDraft((old) => ({ ...old, attachments: [...old.attachments, ...ids] }))}
            />
          </div>
        ) : null}
        {moved ? (
          <ConflictNotice
            detail={detail}
            sinceSeq={seen.seq}
            onSeen={() => {
              setSeen({ version: detail.version, seq: lastSeq(detail) })
              move.reset()
            }}
          />
        ) : null}
        {move.error && !(conflict && moved) ? (
          <ProblemNotice what={t('case.notSaved', { no: detail.no })} error={move.error} />
        ) : null}
        <div className="action-row">
          <Button
            type="primary"
            disabled={gap !== null || moved || refusal !== null}
            loading={move.isPending}
            onClick={submit}
          >
            {t(`move.${kind}`)} <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </Button>
          <Button type="text" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          {refusal && !moved ? (
            <span className="failed">
              {i18n.exists(`refusal.${refusal}`) ? t(`refusal.${refusal}`) : refusal}
            </span>
          ) : null}
          {gap && !refusal ? <span className="caption">{t(`missing.${gap}`)}</span> : null}
        </div>
      </fieldset>
    </section>
  )
}

const lastSeq = (detail: CaseDetail): number => detail.log.at(-1)?.seq ?? 0
