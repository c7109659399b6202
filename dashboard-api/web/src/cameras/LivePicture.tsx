import { Switch } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import type { CameraItem } from '../api/types.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { BoxOverlay } from '../parts/BoxOverlay.tsx'
import { Field } from '../parts/Field.tsx'
import { useProblemText } from '../parts/problem-text.ts'
import { useSession } from '../session/session.ts'
import { formatSpan, formatTime } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import { LiveStills } from '../video/LiveStills.tsx'
import { LiveVideo } from '../video/LiveVideo.tsx'
import type { LiveState } from '../video/live-session.ts'
import { useLanguage } from '../words/language.ts'
import { pictureAge } from './picture-age.ts'

/** The picture of a camera with its age always in sight; an old picture never looks like a live one. */
export function LivePicture({ camera }: { readonly camera: CameraItem }) {
  const { t } = useTranslation()
  const [state, setState] = useState<LiveState>({ kind: 'connecting' })
  const [stillError, setStillError] = useState<unknown>(null)
  const [capturedAt, setCapturedAt] = useState<number | null>(null)
  const [stillSize, setStillSize] = useState<{ width: number; height: number } | null>(null)
  const [zones, setZones] = useState(true)
  useKeys('keys.groups.picture', [
    { codes: ['KeyZ'], shown: 'z', words: 'keys.zones', run: () => setZones((old) => !old) },
  ])

  const stills = camera.live === 'stills' || state.kind === 'unplayable' || state.kind === 'masked'
  const size = camera.width && camera.height ? { width: camera.width, height: camera.height } : stillSize
  const drawn = zones ? Object.entries(camera.zones).map(([name, polygon]) => ({ name, polygon })) : []
  return (
    <section className="media" aria-label={t('live.title')}>
      <div className="picture" style={size ? { aspectRatio: `${size.width} / ${size.height}` } : undefined}>
        {stills ? (
          <LiveStills
            camera={camera.id}
            onCapture={setCapturedAt}
            onError={setStillError}
            onSize={(width, height) =>
              setStillSize((old) => (old?.width === width && old.height === height ? old : { width, height }))
            }
          />
        ) : (
          <LiveVideo
            camera={camera.id}
            purpose={camera.purpose}
            onState={setState}
            onCapture={setCapturedAt}
          />
        )}
        {drawn.length > 0 ? (
          <BoxOverlay
            boxes={[]}
            zones={drawn}
            description={t('live.zones', { names: drawn.map((z) => z.name).join(', ') })}
          />
        ) : null}
        <AgeBadge
          capturedAt={capturedAt}
          stills={stills}
          stopped={stills ? stillError !== null : state.kind !== 'playing'}
        />
      </div>
      <div className="live-bar">
        <Field
          layout="beside"
          label={
            <>
              {t('live.showZones')} <kbd>z</kbd>
            </>
          }
        >
          {(id) => <Switch id={id} checked={zones} onChange={setZones} />}
        </Field>
        <LiveNotice state={state} stills={camera.live === 'stills'} stillError={stillError} />
      </div>
    </section>
  )
}

interface AgeProps {
  readonly capturedAt: number | null
  readonly stills: boolean
  readonly stopped: boolean
}

function AgeBadge({ capturedAt, stills, stopped }: AgeProps) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const language = useLanguage()
  const now = useNow()
  const age = pictureAge({ capturedAt, now, stills, stopped })
  const words = {
    none: t('live.noPicture'),
    live: t('live.live'),
    still: t('live.still'),
    old: t('live.stalled'),
  }[age.kind]
  return (
    <div className="age-badge num" data-kind={age.kind}>
      {words}
      {capturedAt === null ? null : ` · ${formatTime(capturedAt, timezone)}`}
      {age.kind === 'none'
        ? null
        : ` · ${age.ms < 1_000 ? t('live.now') : t('live.age', { span: formatSpan(age.ms, language) })}`}
    </div>
  )
}

function LiveNotice({
  state,
  stills,
  stillError,
}: {
  readonly state: LiveState
  readonly stills: boolean
  readonly stillError: unknown
}) {
  const { t, i18n } = useTranslation()
  const problem = useProblemText()
  const closeText = ({ code, reason }: { readonly code: number | null; readonly reason: string | null }) =>
    i18n.exists(`live.close.${code}`) ? t(`live.close.${code}`) : reason
  if (stillError) return <span className="failed">{problem(toApiError(stillError))}</span>
  if (stills) return <span className="caption">{t('live.stillsWhy')}</span>
  switch (state.kind) {
    case 'connecting':
      return <span className="caption">{t('live.connecting')}</span>
    case 'stalled':
      return (
        <span className="failed">
          {t('live.reconnecting')}
          {closeText(state) ? ` · ${closeText(state)}` : null}
        </span>
      )
    case 'unplayable':
      return <span className="caption">{t('live.unplayable', { mime: state.mime })}</span>
    case 'refused':
      return <span className="failed">{t('live.refused', { reason: closeText(state) ?? '' })}</span>
    case 'masked':
      return <span className="caption">{t('live.stillsWhy')}</span>
    case 'playing':
      return null
  }
}
