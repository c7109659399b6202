import { useTranslation } from 'react-i18next'
import type { DryRunItem, DryRunResult } from '../../api/dry-runs.ts'
import { useSession } from '../../session/session.ts'
import { formatFull } from '../../time/format.ts'
import { coveredShare, gapsOf } from './figures.ts'

/** So many gaps are named. */
const NAMED = 3

interface Props {
  readonly span: DryRunItem['span']
  readonly result: DryRunResult
}

/** What recorded pictures the answer rests on, and what was not recorded; nothing where no rule asked for pictures. */
export function RecordingFacts({ span, result }: Props) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const { recording, rules } = result
  if (!recording) return null
  const isTooLong = rules.some((row) =>
    [row.candidate, row.inForce].some((one) => one?.reason === 'too_long'),
  )
  const isNone = !isTooLong && recording.stretches.length === 0
  const isUndecoded = !isTooLong && !isNone && recording.pictures === 0
  const gaps = gapsOf(span, recording.stretches)
  const time = (at: number) => formatFull(at, timezone)
  const named = gaps
    .slice(0, NAMED)
    .map(({ from, to }) => `${time(from)} – ${time(to)}`)
    .join('; ')
  const spans = gaps.length > NAMED ? t('dryRun.moreGaps', { spans: named, n: gaps.length }) : named
  return (
    <>
      {isTooLong ? (
        <li className="failed">
          {t('dryRun.recordingTooLong', { minutes: Math.floor(recording.longestS / 60) })}
        </li>
      ) : null}
      {isNone ? <li className="failed">{t('dryRun.noRecording')}</li> : null}
      {isUndecoded ? <li className="failed">{t('dryRun.undecoded')}</li> : null}
      {isTooLong || isNone ? null : (
        <>
          {isUndecoded ? null : (
            <li>
              {t('dryRun.recording', {
                pictures: recording.pictures,
                percent: Math.round(coveredShare(span, recording.stretches) * 100),
                speed: recording.speed ?? '?',
              })}
            </li>
          )}
          {gaps.length > 0 ? <li>{t('dryRun.gaps', { spans })}</li> : null}
        </>
      )}
      {recording.damaged > 0 ? (
        <li className="failed">{t('dryRun.damaged', { n: recording.damaged })}</li>
      ) : null}
    </>
  )
}
