import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Progress, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cancelDryRun, dryRunQuery, startDryRun } from '../../api/dry-runs.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { useSession } from '../../session/session.ts'
import { formatFull } from '../../time/format.ts'
import { serverClock } from '../../time/server-clock.ts'
import type { RuleSet } from '../model.ts'
import { DryRunEvents } from './DryRunEvents.tsx'
import { DryRunFault } from './DryRunFault.tsx'
import { DryRunFigures } from './DryRunFigures.tsx'
import { markOf, reachedAt } from './figures.ts'

const MINUTE_MS = 60_000
/** Recorded pictures take longer than the log: ten minutes are there soon. */
const MINUTES = [10, 60, 360, 1_440] as const

interface Props {
  readonly camera: string
  readonly set: RuleSet
  /** Something of the draft cannot be, or the server cannot be asked. */
  readonly disabled: boolean
}

interface Begun {
  readonly id: string
  readonly mark: string
  readonly zones: RuleSet['zones']
}

/** What the draft would have raised in the last hours, beside the rules in force. */
export function DryRunPanel({ camera, set, disabled }: Props) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const [minutes, setMinutes] = useState<number>(60)
  const [begun, setBegun] = useState<Begun | null>(null)
  const start = useMutation({
    mutationFn: async () => {
      const to = serverClock.now()
      const { zones, rules } = set
      const span = { from: new Date(to - minutes * MINUTE_MS).toISOString(), to: new Date(to).toISOString() }
      const run = await startDryRun(camera, { zones, rules, ...span })
      return { id: run.id, mark: markOf(set), zones }
    },
    onSuccess: setBegun,
  })
  const query = useQuery({ ...dryRunQuery(begun?.id ?? ''), enabled: begun !== null })
  const stop = useMutation({
    mutationFn: (id: string) => cancelDryRun(id),
    onSettled: () => query.refetch(),
  })
  const run = begun ? (query.data ?? null) : null
  const running =
    start.isPending || (begun !== null && (run === null ? !query.error : run.state === 'running'))
  return (
    <section className="panel dry-run" aria-label={t('dryRun.title')}>
      <h3>{t('dryRun.title')}</h3>
      <p className="caption">{t('dryRun.what')}</p>
      <div className="action-row">
        <Segmented
          aria-label={t('dryRun.span')}
          value={minutes}
          disabled={running}
          onChange={setMinutes}
          options={MINUTES.map((value) => ({
            value,
            label:
              value < 60 ? t('dryRun.lastMinutes', { n: value }) : t('dryRun.lastHours', { n: value / 60 }),
          }))}
        />
        {/* No `loading`: after an answer within milliseconds its icon can stay, unseen but read out. */}
        <Button onClick={() => start.mutate()} disabled={disabled || running}>
          {t('dryRun.start')}
        </Button>
        {running && begun ? (
          <Button onClick={() => stop.mutate(begun.id)} loading={stop.isPending}>
            {t('dryRun.cancel')}
          </Button>
        ) : null}
      </div>
      {start.error ? <ProblemNotice what={t('dryRun.notStarted', { camera })} error={start.error} /> : null}
      {query.error && begun ? (
        <ProblemNotice what={t('dryRun.unknown')} error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      <div role="status">
        {running ? (
          <>
            <p>
              {t(`dryRun.step.${run?.progress.step ?? 'waiting'}`)}{' '}
              {run?.progress.step === 'pictures' ? (
                <span className="num">
                  {t('dryRun.reached', {
                    time: formatFull(reachedAt(run.span, run.progress.share), timezone),
                  })}
                </span>
              ) : null}
            </p>
            <Progress
              percent={Math.round((run?.progress.share ?? 0) * 100)}
              status="normal"
              aria-label={t('dryRun.progress')}
            />
          </>
        ) : null}
        {run?.state === 'cancelled' ? <p>{t('dryRun.cancelled')}</p> : null}
        {run?.state === 'failed' ? <DryRunFault problem={run.problem} /> : null}
        {run?.result && begun && begun.mark !== markOf(set) ? (
          <p className="tag tag-warn dry-run-older">{t('dryRun.older')}</p>
        ) : null}
      </div>
      {run?.result && begun ? (
        <>
          <DryRunFigures span={run.span} result={run.result} />
          <DryRunEvents key={run.id} id={run.id} zones={begun.zones} result={run.result} />
        </>
      ) : null}
    </section>
  )
}
