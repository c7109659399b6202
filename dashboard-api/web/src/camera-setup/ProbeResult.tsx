import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { ProbeAnswer } from '../api/camera-setup.ts'
import { ProbePicture } from './ProbePicture.tsx'
import { problemValues } from './problem-values.ts'

/** What a camera sends, in plain words, with what costs or limits and the way out. */
export function ProbeResult({ probed }: { readonly probed: ProbeAnswer }) {
  const { t, i18n } = useTranslation()
  const { seen, failure, worker, unreached, configured } = probed
  const by = (
    <>
      {worker === null ? null : <p className="caption break">{t('cameraNew.seenFrom', { worker })}</p>}
      {unreached.length === 0 ? null : (
        <p className="caption break">{t('cameraNew.unreached', { workers: unreached.join(', ') })}</p>
      )}
    </>
  )
  const known = configured === null ? null : <ConfiguredNotice {...configured} />
  if (failure) {
    const finer = `cameraNew.failure.${failure.code}_${failure.cause}`
    const plain = `cameraNew.failure.${failure.code}`
    const key = [finer, plain].find((each) => i18n.exists(each))
    return (
      <>
        <Alert
          type="error"
          showIcon
          role="alert"
          title={t('cameraNew.notSeen')}
          description={key ? t(key) : t('problem.unknown', { code: failure.code, status: '' })}
        />
        {known}
        {by}
      </>
    )
  }
  if (!seen) return null
  const every =
    seen.keyFrameSeconds === null
      ? t('cameraNew.noKeys', { seconds: seen.watchedSeconds })
      : t('cameraNew.every', { seconds: seen.keyFrameSeconds })
  return (
    <section className="probe-result" aria-label={t('cameraNew.seen')}>
      <ProbePicture probed={probed} />
      <div className="probe-facts">
        {known}
        <h3>{t('cameraNew.seen')}</h3>
        <dl className="pairs">
          <dt>{t('cameraNew.video')}</dt>
          <dd className="num">
            {seen.codecName} {seen.width}×{seen.height}
          </dd>
          <dt>{t('cameraNew.rate')}</dt>
          <dd className="num">{t('cameraNew.rateOf', { fps: seen.fps, kbit: seen.kbitPerSecond })}</dd>
          <dt>{t('cameraNew.keyFrames')}</dt>
          <dd className="num">{every}</dd>
          <dt>{t('cameraNew.clock')}</dt>
          <dd className="num">
            {t(seen.clock.kind === 'rtcp' ? 'cameraNew.clockRtcp' : 'cameraNew.clockArrival', {
              ms: Math.round(seen.clock.errorMs),
            })}
          </dd>
          <dt>{t('cameraNew.first')}</dt>
          <dd className="num">{t('cameraNew.seconds', { n: Math.round(seen.firstPictureMs / 100) / 10 })}</dd>
        </dl>
        {seen.problems.length === 0 ? (
          <p>{t('cameraNew.noProblems')}</p>
        ) : (
          <>
            <h3>{t('cameraNew.problems')}</h3>
            <ul className="probe-problems">
              {seen.problems.map((code) => (
                <li key={code}>{t(`cameraNew.problem.${code}`, problemValues(seen))}</li>
              ))}
            </ul>
          </>
        )}
        {by}
      </div>
    </section>
  )
}

/** It is there already, or may be: what it hides is hidden here too. */
function ConfiguredNotice({ id, sure }: NonNullable<ProbeAnswer['configured']>) {
  const { t } = useTranslation()
  return (
    <Alert
      type="info"
      showIcon
      title={t(sure ? 'cameraNew.configured' : 'cameraNew.configuredProbably', { id })}
      description={<Link to={`/cameras/${encodeURIComponent(id)}`}>{t('cameraNew.toConfigured')}</Link>}
    />
  )
}
