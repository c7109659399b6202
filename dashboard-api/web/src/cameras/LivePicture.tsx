import { useQuery } from '@tanstack/react-query'
import { Button, Switch } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { coveredAlertsQuery } from '../api/open-alerts.ts'
import type { CameraItem } from '../api/types.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { Field } from '../parts/Field.tsx'
import { useStoredChoice } from '../parts/stored.ts'
import { useSession } from '../session/session.ts'
import { type BoxReport, sameReport } from '../video/box-state.ts'
import { LiveStage } from '../video/LiveStage.tsx'
import type { LiveView } from '../video/live-view.ts'
import { PurposeGate } from '../video/PurposeGate.tsx'
import { useLookPurpose } from '../video/purpose.ts'
import { BoxButton } from './BoxButton.tsx'
import { CaptureButton } from './CaptureButton.tsx'
import { LiveNotice } from './LiveNotice.tsx'
import { mayLook } from './may-look.ts'

const ON_OFF = ['on', 'off'] as const
const STILL_EVERY_MS = 2_000
const STARTING: LiveView = { way: 'mse', state: { kind: 'connecting' }, stillError: null, dropped: 0 }

/** The picture of a camera with everything that is said and done about it. */
export function LivePicture({ camera }: { readonly camera: CameraItem }) {
  const { t } = useTranslation()
  const session = useSession()
  const stage = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<LiveView>(STARTING)
  const [zones, setZones] = useState(true)
  const [stored, store] = useStoredChoice('live-boxes', ON_OFF, 'off')
  const [boxReport, setBoxReport] = useState<BoxReport>({ state: 'off', last: null })
  const onBoxReport = (next: BoxReport) => setBoxReport((old) => (sameReport(old, next) ? old : next))
  const boxes = stored === 'on'
  const turnBoxes = () => store(boxes ? 'off' : 'on')
  const purpose = useLookPurpose(camera.purpose)
  const { data: covered } = useQuery(coveredAlertsQuery)
  const allowed = mayLook(session)
  useKeys('keys.groups.picture', [
    { codes: ['KeyZ'], shown: 'z', words: 'keys.zones', run: () => setZones((old) => !old) },
    { codes: ['KeyB'], shown: 'b', words: 'liveBoxes.key', enabled: allowed, run: turnBoxes },
    {
      codes: ['KeyF'],
      shown: 'f',
      words: 'wallKeys.fullScreen',
      enabled: allowed,
      run: () => toggleFullScreen(stage.current),
    },
  ])

  const drawn = zones ? Object.entries(camera.zones).map(([name, polygon]) => ({ name, polygon })) : []
  const coveredSince = covered?.items.find((alert) => alert.camera === camera.id)?.since ?? null
  return (
    <section className="media" aria-label={t('live.title')}>
      {!allowed ? (
        <div className="picture picture-none">{t('live.trouble.noRight')}</div>
      ) : purpose === null ? (
        <PurposeGate />
      ) : (
        <div ref={stage} className="stage">
          <LiveStage
            camera={camera}
            purpose={purpose}
            best="mse"
            stillEveryMs={STILL_EVERY_MS}
            stillSize="full"
            zones={drawn}
            zonesText={t('live.zones', { names: drawn.map((z) => z.name).join(', ') })}
            onView={setView}
            boxes={{ wanted: boxes, onReport: onBoxReport }}
          />
        </div>
      )}
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
        <BoxButton on={boxes} report={boxReport} disabled={!allowed || purpose === null} onTurn={turnBoxes} />
        <Button
          size="small"
          disabled={!allowed || purpose === null}
          onClick={() => toggleFullScreen(stage.current)}
        >
          {t('live.fullScreen')} <kbd>f</kbd>
        </Button>
        {allowed && purpose !== null ? (
          <>
            <CaptureButton camera={camera} purpose={purpose} />
            <span className="caption">{t('live.purpose', { purpose: purposeText(purpose, camera, t) })}</span>
            <LiveNotice camera={camera} view={view} coveredSince={coveredSince} />
          </>
        ) : null}
      </div>
    </section>
  )
}

const purposeText = (purpose: string, camera: CameraItem, t: (key: string) => string): string =>
  purpose === camera.purpose ? t(`purpose.${purpose}`) : purpose

/** The stage with its watermark and age, not the bare picture. A refusal (no gesture, a phone) changes nothing. */
export function toggleFullScreen(element: HTMLElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
  else void element?.requestFullscreen?.().catch(() => undefined)
}
