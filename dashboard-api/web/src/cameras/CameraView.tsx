import { Alert, Button } from 'antd'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import type { CameraItem } from '../api/types.ts'
import { replayUrl } from '../history/link.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { PlaceFacts } from '../parts/PlaceFacts.tsx'
import { ToldText } from '../parts/ToldText.tsx'
import { usePageTitle } from '../parts/use-page-title.ts'
import { hasRole, useSession } from '../session/session.ts'
import { Moment } from '../time/Moment.tsx'
import { serverClock } from '../time/server-clock.ts'
import { useLabel } from '../words/language.ts'
import { attentionReason } from './attention-reason.ts'
import { StateMark } from './CameraList.tsx'
import { CameraRules } from './CameraRules.tsx'
import { codecName } from './codec-name.ts'
import { LivePicture } from './LivePicture.tsx'

/** 「回放 −30 秒」: the link itself begins ten seconds before its moment. */
const REPLAY_BACK_MS = 20_000

export function CameraView({ camera }: { readonly camera: CameraItem }) {
  const { t } = useTranslation()
  const label = useLabel()
  usePageTitle(`${t('nav.live')} ${label(camera.name)}`)
  const navigate = useNavigate()
  const session = useSession()
  const replay = () => replayUrl(session, camera.id, serverClock.now() - REPLAY_BACK_MS)
  const mayReplay = replay() !== null
  const openReplay = () => {
    const url = replay()
    if (url) void navigate(url)
  }
  useKeys('keys.groups.camera', [
    { codes: ['KeyH'], shown: 'h', words: 'keys.replay', enabled: mayReplay, run: openReplay },
  ])
  return (
    <article className="pane camera-view">
      <header className="pane-head">
        <h1>
          {label(camera.name)} <span className="head-place">{camera.place.address ?? camera.id}</span>
        </h1>
        <div className="head-facts">
          <StateMark state={camera.state} />
          {camera.since ? (
            <span>
              {t('cameras.since')} <Moment at={camera.since} />
            </span>
          ) : null}
          <span>{t('cameras.looks', { n: camera.looksToday })}</span>
          {mayReplay ? (
            <Button size="small" onClick={openReplay}>
              {t('history.back30')} <kbd>h</kbd>
            </Button>
          ) : null}
        </div>
      </header>
      {camera.problem ? (
        <Alert
          type="warning"
          showIcon
          title={t('cameras.problem')}
          description={<ToldText area="told.camera" told={camera.trouble} text={camera.problem} />}
        />
      ) : null}
      <div className="alert-columns">
        <LivePicture camera={camera} />
        <div className="facts">
          <section>
            <h2>{t('attention.title')}</h2>
            {camera.attention ? (
              <p>
                <strong>{t(`attention.${camera.attention.level}`)}</strong>
                {camera.attention.level === 'full'
                  ? ` · ${t('attention.fps', { fps: camera.attention.fps })}`
                  : null}
                <AttentionReason attention={camera.attention} />
              </p>
            ) : (
              <p className="caption">{t('attention.none')}</p>
            )}
          </section>
          <section>
            <h2>{t('cameras.rules')}</h2>
            <CameraRules rules={camera.rules} />
            {hasRole(session, 'operator', 'investigator', 'auditor', 'admin') ? (
              <Link to={`/cameras/${encodeURIComponent(camera.id)}/rules`}>{t('ruleDesk.open')}</Link>
            ) : null}
          </section>
          <section>
            <h2>{t('cameras.facts')}</h2>
            <dl className="pairs">
              <dt>{t('cameras.picture')}</dt>
              <dd className="num" title={camera.codec ?? undefined}>
                {camera.codec === null ? '—' : codecName(camera.codec)}
                {camera.width && camera.height ? ` ${camera.width}×${camera.height}` : ''}
              </dd>
              <dt>{t('cameras.masking')}</dt>
              <dd>{maskingText(camera.masking, t)}</dd>
            </dl>
            <PlaceFacts place={camera.place} camera={null} cameraName={null} purpose={camera.purpose} />
            <p>
              <Link to={`/alerts?view=all&camera=${encodeURIComponent(camera.id)}`}>
                {t('cameras.itsAlerts')}
              </Link>
            </p>
          </section>
        </div>
      </div>
    </article>
  )
}

function AttentionReason({ attention }: { readonly attention: NonNullable<CameraItem['attention']> }) {
  const { t, i18n } = useTranslation()
  const { why, reason } = attention
  const words = why ? attentionReason(why, { t, exists: i18n.exists.bind(i18n) }) : null
  return (
    <span className="caption break" lang={words === null ? 'en' : undefined}>
      {' '}
      · {words ?? reason}
    </span>
  )
}

/** `heads`, `frame`, or `none` with its written reason. */
function maskingText(masking: string, t: TFunction): string {
  if (masking === 'heads' || masking === 'frame') return t(`masking.${masking}`)
  return t('masking.none', { reason: masking.replace(/^none:?\s*/, '') || '—' })
}
