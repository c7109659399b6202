import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AlertItem, CameraItem } from '../api/types.ts'
import { LiveNotice } from '../cameras/LiveNotice.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { LiveStage } from '../video/LiveStage.tsx'
import type { LiveView } from '../video/live-view.ts'
import { useLookPurpose } from '../video/purpose.ts'
import { useLabel } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'

interface Props {
  readonly camera: CameraItem
  readonly digit: number
  readonly live: boolean
  readonly alert: AlertItem | null
  readonly coveredSince: string | null
}

const STILL_EVERY_MS = 10_000
const STARTING: LiveView = { way: 'mse', state: { kind: 'connecting' }, stillError: null, dropped: 0 }

export function WallTile({ camera, digit, live, alert, coveredSince }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const typeName = useTypeName()
  const [view, setView] = useState<LiveView>(STARTING)
  const purpose = useLookPurpose(camera.purpose)
  return (
    <figure className="wall-tile" data-alert={alert ? alert.severity : undefined}>
      {purpose === null ? (
        <div className="picture picture-none">{t('purposeGate.first')}</div>
      ) : (
        <LiveStage
          key={live ? 'live' : 'stills'}
          camera={camera}
          purpose={purpose}
          best={live ? 'mse' : 'stills'}
          stillEveryMs={STILL_EVERY_MS}
          stillSize="thumb"
          zones={[]}
          zonesText=""
          onView={setView}
        />
      )}
      <figcaption>
        <span className="wall-name">
          <kbd>{digit}</kbd>
          <span className="clip-text" title={label(camera.name)}>
            {label(camera.name)}
          </span>
          {alert ? (
            <>
              <SeverityChip severity={alert.severity} />
              <span>{typeName(alert.type)}</span>
            </>
          ) : null}
        </span>
        {purpose === null ? null : <LiveNotice camera={camera} view={view} coveredSince={coveredSince} />}
      </figcaption>
    </figure>
  )
}
