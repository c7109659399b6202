import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useReducer, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { camerasQuery } from '../api/cameras.ts'
import { usePageTitle } from '../parts/use-page-title.ts'
import { editorStep, startEditor } from '../rules/editor.ts'
import { faultsOf } from '../rules/faults.ts'
import { hasRole, useSession } from '../session/session.ts'
import {
  type CameraDraft,
  EMPTY_DRAFT,
  EMPTY_SET,
  faultsOfStep,
  keepCameraDraft,
  readCameraDraft,
  STEPS,
  type Step,
  suggestedId,
} from './draft.ts'
import { FactsStep } from './FactsStep.tsx'
import { RulesStep } from './RulesStep.tsx'
import { SaveStep } from './SaveStep.tsx'
import { SourceStep } from './SourceStep.tsx'
import { StepList } from './StepList.tsx'
import { seenOf, sourceOf, type Trial } from './trial.ts'
import { WaitStep } from './WaitStep.tsx'
import { ZonesStep } from './ZonesStep.tsx'

/** A camera in five steps, from its address to its live picture. What is typed stays, but for the password. */
export function NewCameraPage() {
  const { t } = useTranslation()
  usePageTitle(t('cameraNew.title'))
  const session = useSession()
  const { data: cameras } = useQuery(camerasQuery)
  const [draft, setDraft] = useState<CameraDraft>(() => readCameraDraft(session.name))
  const [password, setPassword] = useState('')
  const [trial, setTrial] = useState<Trial | null>(null)
  const [step, setStep] = useState<Step>('source')
  const [asked, setAsked] = useState(false)
  const [offered, setOffered] = useState(false)
  const [saved, setSaved] = useState<{ readonly id: string; readonly file: string | null } | null>(null)
  const [editor, dispatch] = useReducer(editorStep, draft.set, startEditor)
  const head = useRef<HTMLHeadingElement>(null)
  const whole: CameraDraft = { ...draft, set: editor.set }
  const text = JSON.stringify(whole)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `text` is the draft
  useEffect(() => {
    if (!saved) keepCameraDraft(session.name, whole)
  }, [session.name, text, saved])

  const change = (more: Partial<CameraDraft>) => setDraft((old) => ({ ...old, ...more }))
  const probed = seenOf(trial, sourceOf(draft.url, { user: draft.user, password }))
  const faults = faultsOfStep(step, whole, password)
  const shapes = step === 'zones' || step === 'rules' ? faultsOf(editor.set) : []
  const go = (next: Step) => {
    setAsked(false)
    setStep(next)
    if (next === 'rules') setOffered(true)
    dispatch({ do: 'leave' })
    // The step's own words are read out, and the next Tab is its first field.
    requestAnimationFrame(() => {
      head.current?.focus({ preventScroll: true })
      head.current?.closest('.page')?.scrollIntoView({ block: 'start' })
    })
  }
  const forward = () => {
    setAsked(true)
    if (faults.length > 0 || shapes.length > 0) return
    if (step === 'source' && draft.id === '')
      change({ id: suggestedId(draft.url, cameras?.items.map(({ id }) => id) ?? []) })
    const next = STEPS[STEPS.indexOf(step) + 1]
    if (next) go(next)
  }
  const before = STEPS[STEPS.indexOf(step) - 1]
  const discard = () => {
    setDraft(EMPTY_DRAFT)
    setPassword('')
    setTrial(null)
    setOffered(false)
    dispatch({ do: 'load', set: EMPTY_SET })
    go('source')
  }
  if (!hasRole(session, 'admin'))
    return <p className="empty">{t('common.needsRole', { role: t('role.admin') })}</p>
  /** Whether nothing before it is missing; a camera without rules is one for which somebody was shown some. */
  const reachable = (to: Step) =>
    STEPS.slice(0, STEPS.indexOf(to)).every(
      (each) =>
        faultsOfStep(each, whole, password).length === 0 &&
        (each !== 'zones' || faultsOf(editor.set).length === 0) &&
        (each !== 'rules' || offered || editor.set.rules.length > 0),
    )
  const fields = { draft: whole, change, faults: asked ? faults : [] }
  return (
    <div className="page camera-new">
      <header className="page-head">
        <h1>{t('cameraNew.title')}</h1>
        <Link to="/cameras/manage">‹ {t('cameraAdmin.title')}</Link>
        <Link to="/cameras/import">{t('cameraImport.title')}</Link>
      </header>
      {saved ? (
        <WaitStep id={saved.id} file={saved.file} />
      ) : (
        <>
          <StepList step={step} reachable={reachable} onGo={go} />
          <section className="wizard-step" aria-labelledby="wizard-head">
            <h2 id="wizard-head" ref={head} tabIndex={-1}>
              {t(`cameraNew.step.${step}`)}
            </h2>
            {step === 'source' ? (
              <SourceStep {...fields} {...{ password, setPassword, trial, setTrial }} />
            ) : step === 'facts' ? (
              <FactsStep {...fields} />
            ) : step === 'zones' ? (
              <ZonesStep {...{ editor, dispatch, probed }} faults={shapes} />
            ) : step === 'rules' ? (
              <RulesStep
                {...{ editor, dispatch }}
                purpose={draft.purpose}
                cameras={cameras?.items ?? []}
                faults={shapes}
              />
            ) : (
              <SaveStep
                {...{ draft: whole, password, probed, go }}
                onSaved={(added) => {
                  keepCameraDraft(session.name, EMPTY_DRAFT)
                  setPassword('')
                  // Here the workers read the file themselves; apart from them somebody has to carry it there.
                  setSaved({ id: added.item.id, file: added.from === 'api' ? added.credentialsFile : null })
                }}
              />
            )}
            <div className="action-row wizard-way">
              {before ? <Button onClick={() => go(before)}>{t('cameraNew.back')}</Button> : null}
              {step === 'save' ? null : (
                <Button type="primary" onClick={forward}>
                  {t('cameraNew.next')}
                </Button>
              )}
              <Button type="text" onClick={discard}>
                {t('cameraNew.discard')}
              </Button>
              <span className="caption">{t('cameraNew.kept')}</span>
            </div>
          </section>
        </>
      )}
    </div>
  )
}
