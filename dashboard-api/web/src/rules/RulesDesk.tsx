import { useEffect, useReducer, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { CameraRulesItem } from '../api/rules.ts'
import type { CameraItem } from '../api/types.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { CameraVersions } from './CameraVersions.tsx'
import { differences } from './diff.ts'
import { keepRuleDraft, readRuleDraft } from './draft.ts'
import { DryRunPanel } from './dry-run/DryRunPanel.tsx'
import { editorStep, startEditor } from './editor.ts'
import { FilePanel } from './FilePanel.tsx'
import { faultsOf } from './faults.ts'
import { type RuleSet, setOf } from './model.ts'
import { RulePanel } from './RulePanel.tsx'
import { SavePanel } from './SavePanel.tsx'
import { ShapePanel } from './ShapePanel.tsx'
import { StillPicture } from './StillPicture.tsx'
import { unavailableHere } from './unavailable-here.ts'
import { useRuleCommands } from './use-rule-commands.ts'
import { ZoneCanvas } from './ZoneCanvas.tsx'

interface Props {
  readonly camera: CameraItem
  readonly cameras: readonly CameraItem[]
  readonly item: CameraRulesItem
}

/** The draft of one person over what is in force. */
export function RulesDesk({ camera, cameras, item }: Props) {
  const { t } = useTranslation()
  const session = useSession()
  const navigate = useNavigate()
  const offline = useConnection().kind === 'offline'
  const readOnly = !hasRole(session, 'admin')
  const current = setOf(item)
  const [first] = useState(() => (readOnly ? null : readRuleDraft(session.name, camera.id)))
  const [origin, setOrigin] = useState<{ readonly version: number; readonly base: RuleSet }>(
    first ?? { version: item.version, base: current },
  )
  const [state, dispatch] = useReducer(editorStep, first?.set ?? current, startEditor)
  const { save, hand } = useRuleCommands(camera.id)
  const { set } = state
  const changed = differences(origin.base, set).length > 0
  const moved = origin.version !== item.version

  useEffect(() => {
    if (!readOnly) keepRuleDraft(session.name, camera.id, changed ? { ...origin, set } : null)
  }, [readOnly, session.name, camera.id, changed, origin, set])

  const follow = (version: number, next: RuleSet) => {
    setOrigin({ version, base: next })
    dispatch({ do: 'load', set: next })
  }
  // Nothing of one's own is lost: without a draft the page simply shows the newest.
  useEffect(() => {
    if (!moved || save.isPending) return
    if (!changed) follow(item.version, setOf(item))
    else if (differences(origin.base, setOf(item)).length === 0)
      setOrigin({ version: item.version, base: origin.base }) // another part of the camera was changed
  })

  const send = async (next: RuleSet, version: number, reason: string): Promise<boolean> => {
    try {
      const saved = await save.mutateAsync({ set: next, version, reason })
      follow(saved.version, setOf(saved.body))
      return true
    } catch {
      return false // the notice says why; what was drawn and typed stays
    }
  }
  const take = async (reason: string): Promise<boolean> => {
    try {
      await hand.mutateAsync({ version: item.version, reason })
      return true
    } catch {
      return false
    }
  }
  const faults = faultsOf(set)
  const editable = !readOnly && item.managedBy === 'desk'
  return (
    <div className="rules-desk">
      <div className="rules-left">
        <StillPicture camera={camera}>
          <ZoneCanvas
            {...{ state, dispatch, readOnly }}
            base={current}
            onBack={() => void navigate(`/cameras/${encodeURIComponent(camera.id)}`)}
          />
        </StillPicture>
        <ShapePanel {...{ state, dispatch, faults, readOnly }} />
      </div>
      <div className="rules-right">
        {readOnly ? <p className="rule-hint">{t('ruleDesk.readOnly')}</p> : null}
        {!readOnly && item.managedBy === 'file' ? (
          <FilePanel set={set} changed={changed} busy={hand.isPending} onTake={take} />
        ) : null}
        {hand.error ? (
          <ProblemNotice what={t('ruleDesk.notTaken', { camera: camera.id })} error={hand.error} />
        ) : null}
        {readOnly ? null : (
          <DryRunPanel camera={camera.id} set={set} disabled={faults.length > 0 || offline} />
        )}
        {readOnly ? null : (
          <SavePanel
            {...{ set, current, faults, offline }}
            stale={moved && changed ? origin.base : null}
            busy={save.isPending}
            onSave={editable ? (reason) => send(set, origin.version, reason) : null}
            onDiscard={() => follow(item.version, current)}
            onKeepMine={() => setOrigin({ version: item.version, base: current })}
          />
        )}
        {save.error ? (
          <ProblemNotice what={t('ruleDesk.notSaved', { camera: camera.id })} error={save.error} />
        ) : null}
        <RulePanel {...{ set, faults, readOnly, dispatch }} unavailable={unavailableHere(camera, cameras)} />
        {hasRole(session, 'admin', 'auditor') ? (
          <CameraVersions
            camera={camera.id}
            version={item.version}
            base={current}
            busy={save.isPending}
            onRestore={editable ? (old, reason) => send(old, item.version, reason) : null}
          />
        ) : null}
      </div>
    </div>
  )
}
