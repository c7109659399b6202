import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import type { Desk } from '../../../../core/api/desk.ts'
import { deskQuery, startShift } from '../api/desk.ts'
import { later, Nothing, useOpened } from '../parts/later.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import type { EndShiftProps } from './EndShift.tsx'
import type { HearTestProps } from './HearTest.tsx'
import { sound } from './sound.ts'
import type { TakeOverProps } from './TakeOver.tsx'

const EndShift = later<EndShiftProps>(async () => (await import('./EndShift.tsx')).EndShift, Nothing)
const HearTest = later<HearTestProps>(async () => (await import('./HearTest.tsx')).HearTest, Nothing)
const TakeOver = later<TakeOverProps>(async () => (await import('./TakeOver.tsx')).TakeOver, Nothing)

type Dialog = 'take' | 'hear' | 'end' | null

/** 开始值班 · 交接班. The press that begins a shift is the one that unlocks sound. */
export function ShiftControls({ desk }: { readonly desk: Desk }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const state = useSyncExternalStore(sound.state.subscribe, sound.state.get)
  const [dialog, setDialog] = useState<Dialog>(null)
  const [error, setError] = useState<unknown>(null)
  const opened = useOpened(dialog !== null)

  const begin = (taken: readonly string[]) => {
    setError(null)
    startShift(taken)
      .then(() => setDialog('hear'))
      .catch(setError)
      .finally(() => void client.invalidateQueries({ queryKey: deskQuery.queryKey }))
  }
  const start = () => {
    void sound.unlock().then(() => sound.play('test', true))
    if (desk.handovers.length > 0) setDialog('take')
    else begin([])
  }
  return (
    <span className="desk-shift">
      {desk.shift ? (
        <>
          <Button size="small" onClick={() => setDialog('end')}>
            {t('shift.handOver')}
          </Button>
          {desk.handovers.length > 0 ? (
            <Button size="small" type="primary" onClick={() => setDialog('take')}>
              {t('shift.toTake', { n: desk.handovers.length })}
            </Button>
          ) : null}
          {state === 'on' ? (
            <Button size="small" type="text" onClick={() => sound.silence(true)}>
              {t('sound.mute')}
            </Button>
          ) : null}
        </>
      ) : (
        <Button size="small" type="primary" onClick={start}>
          {t('shift.start')}
        </Button>
      )}
      {error ? <ProblemNotice what={t('shift.notStarted')} error={error} /> : null}
      {opened ? (
        <>
          <TakeOver
            open={dialog === 'take'}
            handovers={desk.handovers}
            onTaken={desk.shift ? null : begin}
            onClose={() => setDialog(null)}
          />
          <HearTest open={dialog === 'hear'} onClose={() => setDialog(null)} />
          <EndShift open={dialog === 'end'} onClose={() => setDialog(null)} />
        </>
      ) : null}
    </span>
  )
}
