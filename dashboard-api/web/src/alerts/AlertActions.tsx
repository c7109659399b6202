import { Button, Tooltip } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import type { AlertDetail } from '../api/types.ts'
import { Conflict, conflictOf } from '../desk/Conflict.tsx'
import { MutePanel } from '../desk/MutePanel.tsx'
import { WithdrawPanel } from '../desk/WithdrawPanel.tsx'
import { replayUrl } from '../history/link.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { hasRole, useSession } from '../session/session.ts'
import { FilePanel } from './FilePanel.tsx'
import { RejectPanel } from './RejectPanel.tsx'
import { useAlertCommands } from './use-alert-commands.ts'

type Panel = 'reject' | 'file' | 'mute' | 'withdraw' | null

/** Judge, file, acknowledge: by button or by key, from one place. A key acts on the alert that is open when it goes down. */
export function AlertActions({ alert }: { readonly alert: AlertDetail }) {
  const { t } = useTranslation()
  const session = useSession()
  const offline = useConnection().kind === 'offline'
  const [panel, setPanel] = useState<Panel>(null)
  const { verdict, acknowledge, unmute } = useAlertCommands(alert)
  const navigate = useNavigate()

  const operator = hasRole(session, 'operator')
  const why = !operator
    ? t('common.needsRole', { role: t('role.operator') })
    : offline
      ? t('common.offlineOff')
      : null
  const able = why === null
  const busy = verdict.isPending
  const canConfirm = able && !busy && alert.verdict !== 'confirmed'
  const canReject = able && !busy && alert.verdict !== 'rejected' && alert.caseNo === null
  const canFile = able && alert.caseNo === null && alert.verdict !== 'rejected'
  // "I have it" is for what nobody has judged yet.
  const canAcknowledge =
    able && !acknowledge.isPending && alert.acknowledgedBy === null && alert.verdict === null

  const canMute = able && alert.verdict === null && alert.caseNo === null
  const canWithdraw = able && !busy && alert.verdict !== null && alert.caseNo === null
  const camera = encodeURIComponent(alert.camera)
  const replay =
    alert.cause.source.kind === 'camera'
      ? replayUrl(session, alert.camera, Date.parse(alert.since), alert.caseNo)
      : null

  const confirm = () => verdict.mutate({ verdict: 'confirmed' })
  const open = (next: Panel) => setPanel((old) => (old === next ? null : next))
  useKeys('keys.groups.alert', [
    { codes: ['KeyC'], shown: 'c', words: 'keys.confirm', enabled: canConfirm, run: confirm },
    { codes: ['KeyX'], shown: 'x', words: 'keys.reject', enabled: canReject, run: () => setPanel('reject') },
    { codes: ['KeyF'], shown: 'f', words: 'keys.file', enabled: canFile, run: () => setPanel('file') },
    {
      codes: ['KeyA'],
      shown: 'a',
      words: 'keys.acknowledge',
      enabled: canAcknowledge,
      run: () => acknowledge.mutate(),
    },
    { codes: ['KeyM'], shown: 'm', words: 'keys.mute', enabled: canMute, run: () => setPanel('mute') },
    {
      codes: ['KeyB'],
      shown: 'b',
      words: 'keys.similar',
      run: () => void navigate(`/alerts?view=all&camera=${camera}&type=${encodeURIComponent(alert.type)}`),
    },
    {
      codes: ['KeyL'],
      shown: 'l',
      words: 'keys.live',
      enabled: alert.cause.source.kind === 'camera',
      run: () => void navigate(`/cameras/${camera}`),
    },
    {
      codes: ['KeyH'],
      shown: 'h',
      words: 'keys.replay',
      enabled: replay !== null,
      run: () => replay && void navigate(replay),
    },
  ])

  const failed = verdict.error ?? acknowledge.error ?? unmute.error
  const conflict = verdict.error ? conflictOf(verdict.error) : null
  return (
    <div className="actions">
      <Tooltip title={why}>
        <div className="action-row">
          <Button type="primary" disabled={!canConfirm} onClick={confirm}>
            {t('verdict.confirm')} <kbd>c</kbd>
          </Button>
          <Button disabled={!canReject} aria-expanded={panel === 'reject'} onClick={() => open('reject')}>
            {t('verdict.reject')} <kbd>x</kbd>
          </Button>
          {alert.caseNo ? (
            <Link className="action-case num" to={`/cases/${encodeURIComponent(alert.caseNo)}`}>
              {t('alert.openCase', { no: alert.caseNo })}
            </Link>
          ) : (
            <Button disabled={!canFile} aria-expanded={panel === 'file'} onClick={() => open('file')}>
              {t('alert.file')} <kbd>f</kbd>
            </Button>
          )}
          <Button disabled={!canAcknowledge} onClick={() => acknowledge.mutate()}>
            {t('alert.acknowledge')} <kbd>a</kbd>
          </Button>
          {alert.muted ? (
            <Button disabled={!able || unmute.isPending} onClick={() => unmute.mutate()}>
              {t('mute.end')}
            </Button>
          ) : (
            <Button disabled={!canMute} aria-expanded={panel === 'mute'} onClick={() => open('mute')}>
              {t('mute.title')} <kbd>m</kbd>
            </Button>
          )}
          {canWithdraw ? (
            <Button aria-expanded={panel === 'withdraw'} onClick={() => open('withdraw')}>
              {t('withdraw.title')}
            </Button>
          ) : null}
          {replay ? (
            <Link className="action-case" to={replay}>
              {t('history.replay')} <kbd>h</kbd>
            </Link>
          ) : null}
          {why ? <span className="caption">{why}</span> : null}
        </div>
      </Tooltip>
      {panel === 'reject' && canReject ? (
        <RejectPanel
          onClose={() => setPanel(null)}
          onReject={(input) => {
            setPanel(null)
            verdict.mutate(input)
          }}
        />
      ) : null}
      {panel === 'file' && alert.caseNo === null ? (
        <FilePanel alert={alert} blocked={!able} onClose={() => setPanel(null)} />
      ) : null}
      {panel === 'mute' && canMute ? <MutePanel alert={alert.id} onClose={() => setPanel(null)} /> : null}
      {panel === 'withdraw' && canWithdraw ? (
        <WithdrawPanel alert={alert.id} onClose={() => setPanel(null)} />
      ) : null}
      {conflict ? <Conflict {...conflict} /> : null}
      {failed && !conflict ? <ProblemNotice what={t('alert.notSaved')} error={failed} /> : null}
    </div>
  )
}
