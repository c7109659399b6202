import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import type { Dispatch, SetStateAction } from 'react'
import { useTranslation } from 'react-i18next'
import { probeCamera } from '../api/camera-setup.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { submitOnCtrlEnter } from '../parts/submit.ts'
import { DraftField, type StepProps } from './DraftField.tsx'
import { faultsOfStep } from './draft.ts'
import { ProbeResult } from './ProbeResult.tsx'
import { landed, seenOf, sourceOf, type Trial } from './trial.ts'

interface Props extends StepProps {
  readonly password: string
  readonly setPassword: (text: string) => void
  readonly trial: Trial | null
  readonly setTrial: Dispatch<SetStateAction<Trial | null>>
}

/** The address, who may open it, and a look at what comes. */
export function SourceStep({ draft, change, faults, password, setPassword, trial, setTrial }: Props) {
  const { t } = useTranslation()
  const offline = useConnection().kind === 'offline'
  const login = { user: draft.user, password }
  const source = sourceOf(draft.url, login)
  const probed = seenOf(trial, source)
  const probe = useMutation({
    mutationFn: (ask: Trial['ask']) => ask(),
    onSuccess: (seen, ask) => setTrial((now) => landed(now, ask, seen)),
  })
  const found = faultsOfStep('source', draft, password)
  const able = found.length === 0 && !offline && !probe.isPending
  const send = () => {
    if (!able) return
    const ask = () => probeCamera(draft.url.trim(), login)
    setTrial({ of: source, ask, probed: null })
    probe.mutate(ask)
  }
  const keys = submitOnCtrlEnter(send)
  return (
    <>
      <form className="wizard-fields" autoComplete="off" onSubmit={(event) => event.preventDefault()}>
        <DraftField name="url" label={t('cameraNew.url')} hint={t('cameraNew.urlHint')} faults={faults}>
          {(id) => (
            <Input
              {...{ id, maxLength: 1_000, value: draft.url, spellCheck: false, onKeyDown: keys }}
              placeholder="rtsp://10.0.0.8:554/stream1"
              onChange={({ target }) => change({ url: target.value })}
            />
          )}
        </DraftField>
        <div className="wizard-pair">
          <DraftField name="user" label={t('cameraNew.user')} hint={t('cameraNew.userHint')} faults={faults}>
            {(id) => (
              <Input
                {...{ id, maxLength: 100, value: draft.user, spellCheck: false, onKeyDown: keys }}
                autoComplete="off"
                onChange={({ target }) => change({ user: target.value })}
              />
            )}
          </DraftField>
          <DraftField name="password" label={t('cameraNew.password')} faults={faults}>
            {(id) => (
              <Input.Password
                {...{ id, maxLength: 200, value: password, onKeyDown: keys }}
                autoComplete="new-password"
                onChange={({ target }) => setPassword(target.value)}
              />
            )}
          </DraftField>
        </div>
      </form>
      <div className="action-row">
        <Button loading={probe.isPending} disabled={!able && !probe.isPending} onClick={send}>
          {t('cameraNew.probe')}
        </Button>
        <span className="caption" role="status">
          {offline
            ? t('common.offlineOff')
            : probe.isPending
              ? t('cameraNew.probing')
              : t('cameraNew.probeHint')}
        </span>
      </div>
      {probe.error && trial?.of === source ? (
        <ProblemNotice what={t('cameraNew.notProbed')} error={probe.error} />
      ) : null}
      {probed ? <ProbeResult probed={probed} /> : null}
    </>
  )
}
