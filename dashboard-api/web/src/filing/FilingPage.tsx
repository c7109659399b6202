import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Radio, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { CATALOGUE, HAZARD_TYPES } from '../../../../core/catalogue.ts'
import { camerasQuery } from '../api/cameras.ts'
import { attachCapture, captureUrl } from '../api/captures.ts'
import { fileCase } from '../api/cases.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { Field } from '../parts/Field.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel } from '../words/language.ts'
import { EMPTY_FILING, type FilingDraft, keepDraft, missingOf, readDraft } from './draft.ts'

const SEVERITIES = [1, 2, 3, 4] as const

/** A case that no alert is behind: a call, a letter, something seen live. What is typed stays until it is filed. */
export function FilingPage() {
  const { t } = useTranslation()
  usePageTitle(t('filing.title'))
  const session = useSession()
  const [params] = useSearchParams()
  const offline = useConnection().kind === 'offline'
  const [draft, setDraft] = useState<FilingDraft>(() => {
    const kept = readDraft(session.name)
    return { ...kept, camera: kept.camera ?? params.get('camera') }
  })
  const change = (more: Partial<FilingDraft>) => {
    const next = { ...draft, ...more }
    setDraft(next)
    keepDraft(session.name, next)
  }
  const filing = useFiling(session.name, draft, change)
  const gap = missingOf(draft)
  const able = hasRole(session, 'operator')
  const submit = () => {
    if (able && !offline && gap === null && !filing.isPending) filing.mutate()
  }
  const keys = submitOnCtrlEnter(submit)
  if (!able) return <p className="empty">{t('common.needsRole', { role: t('role.operator') })}</p>
  return (
    <div className="page filing">
      <header className="page-head">
        <h1>{t('filing.title')}</h1>
        <p className="caption">{t('filing.lead')}</p>
      </header>
      <form className="filing-form" onSubmit={(event) => event.preventDefault()}>
        <TypeField draft={draft} change={change} />
        <CameraField draft={draft} change={change} />
        <Field label={t('filing.place')}>
          {(id) => (
            <Input
              id={id}
              maxLength={500}
              value={draft.place}
              onChange={(event) => change({ place: event.target.value })}
              onKeyDown={keys}
            />
          )}
        </Field>
        <Field label={t('filing.note')}>
          {(id) => (
            <Input.TextArea
              id={id}
              autoSize={{ minRows: 4, maxRows: 12 }}
              maxLength={4_000}
              value={draft.note}
              onChange={(event) => change({ note: event.target.value })}
              onKeyDown={keys}
            />
          )}
        </Field>
        <SeverityField draft={draft} change={change} />
        <Stills draft={draft} change={change} />
        <div className="action-row">
          <Button
            type="primary"
            disabled={gap !== null || offline}
            loading={filing.isPending}
            onClick={submit}
          >
            {t('filing.file')}
          </Button>
          <Button disabled={draft === EMPTY_FILING} onClick={() => change(EMPTY_FILING)}>
            {t('filing.clear')}
          </Button>
          <span className="caption" role="status">
            {offline ? t('common.offlineOff') : gap ? t(`filing.missing.${gap}`) : t('filing.kept')}
          </span>
        </div>
        {filing.error ? <ProblemNotice what={t('filing.notFiled')} error={filing.error} /> : null}
      </form>
    </div>
  )
}

type FieldProps = { readonly draft: FilingDraft; readonly change: (more: Partial<FilingDraft>) => void }

/**
 * The case first, then its stills. A still that is refused stays in the draft with the case's number in the message: filing
 * is not undone, and not done twice.
 */
function useFiling(person: string, draft: FilingDraft, change: FieldProps['change']) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [filed, setFiled] = useState<string | null>(null)
  return useMutation({
    mutationFn: async () => {
      const { type, severity, camera } = draft
      const no =
        filed ??
        (
          await fileCase({
            type: type ?? '',
            place: draft.place.trim(),
            note: draft.note.trim(),
            ...(severity === null ? {} : { severity }),
            ...(camera === null ? {} : { camera }),
          })
        ).no
      setFiled(no)
      let left = draft.stills
      for (const { ticket } of draft.stills) {
        await attachCapture(no, ticket)
        left = left.slice(1)
        change({ stills: left })
      }
      return no
    },
    onSuccess: (no) => {
      keepDraft(person, EMPTY_FILING)
      void navigate(`/cases/${encodeURIComponent(no)}`)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['cases'] }),
  })
}

function TypeField({ draft, change }: FieldProps) {
  const { t } = useTranslation()
  const label = useLabel()
  return (
    <Field label={t('filing.type')}>
      {(id) => (
        <Select
          id={id}
          showSearch
          optionFilterProp="label"
          value={draft.type}
          onChange={(type: string) => change({ type })}
          options={HAZARD_TYPES.map((type) => ({ value: type, label: label(CATALOGUE[type]) }))}
        />
      )}
    </Field>
  )
}

function CameraField({ draft, change }: FieldProps) {
  const { t } = useTranslation()
  const label = useLabel()
  const { data } = useQuery(camerasQuery)
  return (
    <Field label={t('filing.camera')}>
      {(id) => (
        <Select
          id={id}
          allowClear
          showSearch
          optionFilterProp="label"
          value={draft.camera}
          onChange={(camera: string | undefined) => {
            const place = data?.items.find((each) => each.id === camera)?.place.address
            change({
              camera: camera ?? null,
              ...(place && draft.place.trim() === '' ? { place } : {}),
            })
          }}
          options={(data?.items ?? []).map((camera) => ({ value: camera.id, label: label(camera.name) }))}
        />
      )}
    </Field>
  )
}

function SeverityField({ draft, change }: FieldProps) {
  const { t } = useTranslation()
  const usual = draft.type ? CATALOGUE[draft.type as keyof typeof CATALOGUE]?.severity : undefined
  return (
    <fieldset className="filing-severity">
      <legend>{t('filing.severity')}</legend>
      <Radio.Group
        value={draft.severity ?? usual}
        onChange={(event) => change({ severity: event.target.value as FilingDraft['severity'] })}
      >
        {SEVERITIES.map((severity) => (
          <Radio key={severity} value={severity}>
            <SeverityChip severity={severity} />
          </Radio>
        ))}
      </Radio.Group>
    </fieldset>
  )
}

function Stills({ draft, change }: FieldProps) {
  const { t } = useTranslation()
  if (draft.stills.length === 0) return null
  return (
    <section aria-label={t('filing.stills')}>
      <h2>{t('filing.stills')}</h2>
      <div className="nearby">
        {draft.stills.map(({ ticket, capturedAt, camera }) => (
          <figure key={ticket}>
            <div className="picture">
              <img src={captureUrl(ticket)} alt={t('filing.stillOf', { camera })} />
            </div>
            <figcaption className="caption">
              {camera} · <Moment at={capturedAt} />{' '}
              <Button
                size="small"
                type="link"
                onClick={() => change({ stills: draft.stills.filter((still) => still.ticket !== ticket) })}
              >
                {t('filing.leaveOut')}
              </Button>
            </figcaption>
          </figure>
        ))}
      </div>
    </section>
  )
}
