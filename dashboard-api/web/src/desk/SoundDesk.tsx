import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { alertsQuery } from '../api/alerts.ts'
import { deskQuery } from '../api/desk.ts'
import { useChanges, useConnection } from '../live/LiveProvider.tsx'
import { readSetting, writeSetting } from '../parts/stored.ts'
import { createAlarms, REPEAT_MS } from './alarms.ts'
import { sound } from './sound.ts'

const KEPT = 'ringing'

/** Sounds for the operator, and the red bar on all pages while it cannot. */
export function SoundDesk() {
  const { t } = useTranslation()
  const state = useSyncExternalStore(sound.state.subscribe, sound.state.get)
  const onDuty = useQuery(deskQuery).data?.shift != null
  useEffect(() => sound.watch(), [])
  useUnlock(onDuty && state === 'off')
  useAlarmSounds()
  useStaleSound()
  if (state === 'on' || state === 'elsewhere') return null
  return (
    <div className="bar" data-kind="offline" role="status">
      {t(state === 'silent' ? 'sound.silent' : 'sound.off')}{' '}
      <Button size="small" onClick={() => void sound.unlock().then(() => sound.play('test', true))}>
        {t('sound.turnOn')}
      </Button>
    </div>
  )
}

/** Loaded anew in the middle of a shift: the next press of any key or button turns sound on again. */
function useUnlock(active: boolean): void {
  useEffect(() => {
    if (!active) return
    const unlock = () => void sound.unlock()
    const options = { once: true, capture: true }
    // Not at the pointer's way down: the bar would leave, and the page move, under a press that is not over.
    document.addEventListener('click', unlock, options)
    document.addEventListener('keydown', unlock, options)
    return () => {
      document.removeEventListener('click', unlock, options)
      document.removeEventListener('keydown', unlock, options)
    }
  }, [active])
}

function useAlarmSounds(): void {
  const client = useQueryClient()
  const flood = useQuery(deskQuery).data?.flood != null
  const flooded = useRef(flood)
  flooded.current = flood
  const alarms = useRef<ReturnType<typeof createAlarms>>(null)
  alarms.current ??= createAlarms()
  const keep = () => writeSetting(KEPT, JSON.stringify(alarms.current?.ringing() ?? []))

  // In the handler of the message: timers of a hidden page come once a minute.
  useChanges((change) => {
    const tone = alarms.current?.hear(change, flooded.current) ?? null
    if (change.topic === 'alert') keep()
    if (tone) sound.play(tone)
  })
  useEffect(() => {
    // What rang when the page was closed or loaded anew rings on, unless it was answered meanwhile.
    const before = storedIds()
    if (before.length > 0) {
      const open = alertsQuery({ state: null, verdict: 'none', severity: '1', camera: null })
      client
        .fetchInfiniteQuery(open)
        .then(({ pages }) => {
          const unanswered = new Set(
            pages.flatMap(({ items }) =>
              items.filter((item) => item.acknowledgedBy === null).map(({ id }) => id),
            ),
          )
          alarms.current?.restore(before.filter((id) => unanswered.has(id)))
        })
        .catch(() => alarms.current?.restore(before))
    }
    const timer = setInterval(() => {
      if ((alarms.current?.ringing().length ?? 0) > 0) sound.play('urgent')
    }, REPEAT_MS)
    return () => clearInterval(timer)
  }, [client])
}

function storedIds(): readonly string[] {
  try {
    const ids: unknown = JSON.parse(readSetting(KEPT) ?? '[]')
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}

/** Stale is the worst fault: it sounds once, until news has come again. */
function useStaleSound(): void {
  const { kind } = useConnection()
  const stale = kind === 'stale' || kind === 'offline'
  useEffect(() => {
    if (stale) sound.play('stale')
  }, [stale])
}
