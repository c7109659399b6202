import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { undoVerdict } from '../api/desk.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { later, Nothing } from '../parts/later.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { useNow } from '../time/use-now.ts'
import { type LastAct, lastAct, secondsLeft } from './last-verdict.ts'
import type { VoidFiledProps } from './VoidFiled.tsx'

const VoidFiled = later<VoidFiledProps>(async () => (await import('./VoidFiled.tsx')).VoidFiled, Nothing)

/** 「撤销 (8 秒)」: takes the last verdict back, by button or Ctrl+Z, from whatever page is open meanwhile. */
export function UndoBar() {
  const act = useSyncExternalStore(lastAct.subscribe, lastAct.get)
  return act ? <ActBar key={act.at} act={act} /> : null
}

function ActBar({ act }: { readonly act: LastAct }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const left = secondsLeft(act, useNow())
  const [voiding, setVoiding] = useState(false)
  const undo = useMutation({
    mutationFn: async () => {
      if (act.kind !== 'verdict') return
      await act.saved.catch(() => undefined) // what was refused is not there to be undone, and says so itself
      for (const id of act.alerts) await undoVerdict(id)
    },
    onSuccess: () => lastAct.set(null),
    onSettled: () =>
      Promise.all(
        ['alert', 'alerts', 'desk', 'groups'].map((family) =>
          client.invalidateQueries({ queryKey: [family] }),
        ),
      ),
  })
  const able = act.kind === 'verdict' && left > 0 && undo.isIdle
  const run = () => {
    if (able) undo.mutate()
  }
  useKeys('keys.groups.global', [
    { codes: ['KeyZ'], ctrl: true, shown: 'Ctrl+Z', words: 'keys.undo', enabled: able, run },
  ])

  if (act.kind === 'filed') {
    if (left === 0 && !voiding) return null
    return (
      <section className="undo-bar" aria-label={t('undo.title')}>
        <span role="status">{t('undo.filed', { no: act.no })}</span>
        <VoidFiled act={act} open={voiding} onOpen={setVoiding} />
      </section>
    )
  }
  if (undo.error) {
    return (
      <section className="undo-bar" aria-label={t('undo.title')}>
        <ProblemNotice what={t('undo.failed')} error={undo.error} />
        <Button onClick={() => lastAct.set(null)}>{t('undo.seen')}</Button>
      </section>
    )
  }
  if (left === 0 && !undo.isPending) return null
  return (
    <section className="undo-bar" aria-label={t('undo.title')}>
      <span role="status">
        {act.alerts.length > 1
          ? t('undo.group', { n: act.alerts.length, verdict: t(`verdict.${act.verdict}`) })
          : t('undo.one', { verdict: t(`verdict.${act.verdict}`) })}
      </span>
      <Button type="primary" loading={undo.isPending} disabled={!able} onClick={run}>
        {t('undo.button', { seconds: left })} <kbd>Ctrl</kbd> <kbd>Z</kbd>
      </Button>
    </section>
  )
}
