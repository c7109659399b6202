import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { REJECT_REASONS } from '../../../../core/alert.ts'
import { stillUrl, type VerdictInput } from '../api/alerts.ts'
import { judgeGroup } from '../api/desk.ts'
import type { AlertItem } from '../api/types.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { Moment } from '../time/Moment.tsx'
import { serverClock } from '../time/server-clock.ts'
import { lastAct } from './last-verdict.ts'
import { RefusedAlerts } from './RefusedAlerts.tsx'

/** As many as one call may judge. */
const MOST = 200

export interface GroupVerdictProps {
  /** Not judged, of one camera and type. */
  readonly alerts: readonly AlertItem[]
  readonly open: boolean
  readonly onClose: () => void
}

/** One verdict for one rule of one camera, after every still has been on screen. */
export function GroupVerdict({ alerts, open, onClose }: GroupVerdictProps) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [rule, setRule] = useState<string | null>(null)
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  const rules = [...new Set(alerts.map((alert) => alert.rule))]
  const chosen = rules.find((each) => each === rule) ?? rules[0]
  const mine = alerts.filter((alert) => alert.rule === chosen && alert.verdict === null).slice(0, MOST)
  const unseen = mine.filter((alert) => alert.still === 'ready' && !seen.has(alert.id)).length
  const judge = useMutation({
    mutationFn: (input: VerdictInput) =>
      judgeGroup(
        mine.map(({ id }) => id),
        input,
      ),
    onSuccess: ({ items }, input) => {
      const judged = items.filter(({ refused }) => refused === null).map(({ alert }) => alert)
      if (judged.length > 0) {
        lastAct.set({
          kind: 'verdict',
          alerts: judged,
          verdict: input.verdict,
          at: serverClock.now(),
          saved: Promise.resolve(),
        })
      }
      if (judged.length === items.length) onClose()
    },
    onSettled: () =>
      Promise.all(
        ['alerts', 'groups', 'desk', 'alert'].map((family) =>
          client.invalidateQueries({ queryKey: [family] }),
        ),
      ),
  })
  useKeys('keys.groups.global', [], { active: open, exclusive: true })
  const see = (id: string) => setSeen((old) => (old.has(id) ? old : new Set(old).add(id)))
  const refused = judge.data?.items.filter((item) => item.refused !== null) ?? []
  const able = unseen === 0 && mine.length > 0 && !judge.isPending
  return (
    <Modal title={t('groups.verdict')} open={open} onCancel={onClose} footer={null} width={920}>
      {rules.length > 1 ? (
        <div className="action-row">
          {rules.map((each) => (
            <Button
              key={each}
              className="pressable"
              aria-pressed={each === chosen}
              onClick={() => setRule(each)}
            >
              {t('groups.rule', { rule: each, n: alerts.filter((alert) => alert.rule === each).length })}
            </Button>
          ))}
        </div>
      ) : null}
      <p role="status" className={`group-verdict-note ${unseen > 0 ? 'failed' : 'caption'}`}>
        {unseen > 0 ? t('groups.unseen', { n: unseen }) : t('groups.allSeen', { n: mine.length })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reached by the keyboard */}
      <section className="group-stills" tabIndex={0} aria-label={t('groups.stills')}>
        {mine.map((alert) => (
          <Still key={alert.id} alert={alert} onSeen={() => see(alert.id)} />
        ))}
      </section>
      <div className="action-row">
        <Button type="primary" disabled={!able} onClick={() => judge.mutate({ verdict: 'confirmed' })}>
          {t('verdict.confirm')}
        </Button>
        {REJECT_REASONS.filter((reason) => reason !== 'other').map((reason) => (
          <Button key={reason} disabled={!able} onClick={() => judge.mutate({ verdict: 'rejected', reason })}>
            {t('verdict.reject')} · {t(`reject.${reason}`)}
          </Button>
        ))}
      </div>
      <RefusedAlerts items={refused} />
      {judge.error ? <ProblemNotice what={t('alert.notSaved')} error={judge.error} /> : null}
    </Modal>
  )
}

/** Counted as seen when its picture has loaded and most of it was in sight. */
function Still({ alert, onSeen }: { readonly alert: AlertItem; readonly onSeen: () => void }) {
  const { t } = useTranslation()
  const image = useRef<HTMLImageElement>(null)
  const [loaded, setLoaded] = useState(false)
  const tell = useRef(onSeen)
  tell.current = onSeen
  useEffect(() => {
    if (!loaded || !image.current) return
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) tell.current()
      },
      { threshold: 0.6 },
    )
    watch.observe(image.current)
    return () => watch.disconnect()
  }, [loaded])
  return (
    <figure>
      {alert.still === 'ready' ? (
        <img
          ref={image}
          src={stillUrl(alert.id, 'thumb')}
          alt={t('groups.still')}
          loading="lazy"
          onLoad={() => setLoaded(true)}
        />
      ) : (
        <div className="picture picture-none">{t(`picture.${alert.still}`)}</div>
      )}
      <figcaption className="caption">
        <Moment at={alert.startedAt} />
      </figcaption>
    </figure>
  )
}
