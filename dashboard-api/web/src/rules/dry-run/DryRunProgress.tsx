import { Progress } from 'antd'
import { useTranslation } from 'react-i18next'
import type { DryRunItem } from '../../api/dry-runs.ts'
import { useSession } from '../../session/session.ts'
import { formatFull } from '../../time/format.ts'
import { reachedAt } from './figures.ts'

/** How far it is, or the run that it waits for. It changes every second: it is not read out. */
export function DryRunProgress({ run }: { readonly run: DryRunItem }) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const { step, share } = run.progress
  const now = run.ahead?.now
  const facts = now && {
    camera: now.camera,
    step: t(`dryRun.step.${now.progress.step}`),
    percent: Math.round(now.progress.share * 100),
  }
  return (
    <>
      {facts ? (
        <p className="num break">
          {now.mine ? t('dryRun.front.mine', facts) : t('dryRun.front.other', facts)}
        </p>
      ) : null}
      {step === 'pictures' ? (
        <p className="num">
          {t('dryRun.reached', { time: formatFull(reachedAt(run.span, share), timezone) })}
        </p>
      ) : null}
      {run.ahead ? null : (
        <Progress percent={Math.round(share * 100)} status="normal" aria-label={t('dryRun.progress')} />
      )}
      <p className="caption">{t('dryRun.stay')}</p>
    </>
  )
}
