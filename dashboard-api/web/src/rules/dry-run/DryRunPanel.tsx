import { Button, Segmented } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import type { RuleSet } from '../model.ts'
import { DryRunEvents } from './DryRunEvents.tsx'
import { DryRunFault } from './DryRunFault.tsx'
import { DryRunFigures } from './DryRunFigures.tsx'
import { DryRunProgress } from './DryRunProgress.tsx'
import { markOf } from './figures.ts'
import { useDryRun } from './use-dry-run.ts'

/** Recorded pictures take longer than the log: ten minutes are there soon. */
const MINUTES = [10, 60, 360, 1_440] as const

interface Props {
  readonly camera: string
  readonly set: RuleSet
  /** Something of the draft cannot be, or the server cannot be asked. */
  readonly disabled: boolean
}

/** What the draft would have raised in the last hours, beside the rules in force. */
export function DryRunPanel({ camera, set, disabled }: Props) {
  const { t } = useTranslation()
  const { begun, run, deleted, start, query, stop } = useDryRun(camera)
  const [minutes, setMinutes] = useState<number>(begun?.minutes ?? 60)
  const isRunning = run?.state === 'running'
  // Of one that was begun before the page was opened it is not known yet whether it goes on.
  const isAsked = begun !== null && run === null && !query.error
  const isBusy = start.isPending || isRunning || isAsked
  return (
    <section className="panel dry-run" aria-label={t('dryRun.title')}>
      <h3>{t('dryRun.title')}</h3>
      <p className="caption">{t('dryRun.what')}</p>
      <div className="action-row">
        <Segmented
          aria-label={t('dryRun.span')}
          value={minutes}
          disabled={isBusy}
          onChange={setMinutes}
          options={MINUTES.map((value) => ({
            value,
            label:
              value < 60 ? t('dryRun.lastMinutes', { n: value }) : t('dryRun.lastHours', { n: value / 60 }),
          }))}
        />
        <Button
          onClick={() => start.mutate({ set, minutes })}
          disabled={disabled || isBusy}
          loading={start.isPending}
        >
          {t('dryRun.start')}
        </Button>
        {isRunning ? (
          <Button onClick={() => stop.mutate(run.id)} loading={stop.isPending}>
            {t('dryRun.cancel')}
          </Button>
        ) : null}
      </div>
      {start.error ? <ProblemNotice what={t('dryRun.notStarted', { camera })} error={start.error} /> : null}
      {isRunning && stop.error && stop.variables === run.id ? (
        <ProblemNotice what={t('dryRun.notCancelled')} error={stop.error} />
      ) : null}
      {query.error && begun && !deleted ? (
        <ProblemNotice what={t('dryRun.unknown')} error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      <div role="status">
        {isRunning ? (
          <p>
            {run.ahead ? t('dryRun.queued', { n: run.ahead.runs }) : t(`dryRun.step.${run.progress.step}`)}
          </p>
        ) : null}
        {isAsked ? <p>{t('common.loading')}</p> : null}
        {deleted ? <p>{t('dryRun.deleted')}</p> : null}
        {run?.state === 'cancelled' ? <p>{t('dryRun.cancelled')}</p> : null}
        {run?.state === 'failed' ? <DryRunFault problem={run.problem} /> : null}
        {run?.result && begun && begun.mark !== markOf(set) ? (
          <p className="tag tag-warn dry-run-older">{t('dryRun.older')}</p>
        ) : null}
      </div>
      {isRunning ? <DryRunProgress run={run} /> : null}
      {run?.result && begun ? (
        <>
          <DryRunFigures span={run.span} result={run.result} />
          <DryRunEvents key={run.id} id={run.id} zones={begun.zones} result={run.result} />
        </>
      ) : null}
    </section>
  )
}
