import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Datum } from '../../../../core/datum.ts'
import { type AddedCamera, addCamera, type ProbeAnswer } from '../api/camera-setup.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { DifferenceList } from '../rules/DifferenceList.tsx'
import { differences } from '../rules/diff.ts'
import { faultsOf } from '../rules/faults.ts'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { useSession } from '../session/session.ts'
import { bodyOfDraft, type CameraDraft, EMPTY_SET, faultsOfStep, STEPS, type Step } from './draft.ts'

interface Props {
  readonly draft: CameraDraft
  readonly password: string
  readonly probed: ProbeAnswer | null
  readonly go: (step: Step) => void
  readonly onSaved: (added: AddedCamera) => void
}

/** Everything that will be saved, and why. */
export function SaveStep({ draft, password, probed, go, onSaved }: Props) {
  const { t } = useTranslation()
  const { city } = useSession()
  const client = useQueryClient()
  const offline = useConnection().kind === 'offline'
  const body = bodyOfDraft(draft, city.datum as Datum)
  const save = useMutation({
    mutationFn: (reason: string) => addCamera(body, { user: draft.user, password }, reason),
    onSuccess: onSaved,
    onSettled: () => client.invalidateQueries({ queryKey: ['cameras'] }),
  })
  const open = STEPS.filter(
    (step) =>
      faultsOfStep(step, draft, password).length > 0 || (step === 'rules' && faultsOf(draft.set).length > 0),
  )
  const place = body.place as { readonly lon?: number; readonly lat?: number }
  const point = place.lon === undefined ? '' : `${place.lon}, ${place.lat} (${city.datum})`
  const rows = [
    ['zh', `${draft.zh.trim()} / ${draft.en.trim() || draft.zh.trim()}`],
    ['id', draft.id],
    ['url', draft.url.trim()],
    ['login', draft.user === '' ? t('cameraNew.noLogin') : t('cameraNew.loginKept', { user: draft.user })],
    ['purpose', draft.purpose ? t(`purpose.${draft.purpose}`) : '—'],
    ['place', [draft.address.trim(), draft.grid.trim(), point].filter(Boolean).join(' · ') || '—'],
    [
      'masking',
      [t(`cameraNew.masking.${draft.masking}`), draft.masking === 'none' ? draft.maskingReason : '']
        .filter(Boolean)
        .join(' · '),
    ],
    ['hours', t('cameraNew.hoursOf', { n: draft.hours })],
  ] as const
  return (
    <>
      {probed?.seen ? null : (
        <Alert
          type="warning"
          showIcon
          title={t('cameraNew.unseen')}
          description={t('cameraNew.unseenWhat')}
          action={<Button onClick={() => go('source')}>{t('cameraNew.toProbe')}</Button>}
        />
      )}
      <dl className="pairs wizard-summary">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`cameraNew.field.${name}`)}</dt>
            <dd className="break">{value}</dd>
          </div>
        ))}
      </dl>
      {draft.user === '' ? null : <p className="caption">{t('cameraNew.loginWhere')}</p>}
      <h3>{t('cameraNew.changes')}</h3>
      <p>{t('cameraNew.added', { id: draft.id })}</p>
      <DifferenceList differences={differences(EMPTY_SET, draft.set)} />
      {open.map((step) => (
        <p key={step} className="failed" role="status">
          {t('cameraNew.open', { step: t(`cameraNew.step.${step}`) })}{' '}
          <Button size="small" onClick={() => go(step)}>
            {t('cameraNew.mend')}
          </Button>
        </p>
      ))}
      {offline ? <p className="caption">{t('common.offlineOff')}</p> : null}
      <ReasonForm
        primary
        words={t('cameraNew.save')}
        busy={save.isPending}
        disabled={open.length > 0 || offline}
        onSend={(reason) =>
          save.mutateAsync(reason).then(
            () => true,
            () => false, // the notice says why; what was typed stays
          )
        }
      />
      {save.error ? (
        <ProblemNotice what={t('cameraNew.notSaved', { id: draft.id })} error={save.error} />
      ) : null}
    </>
  )
}
