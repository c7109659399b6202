import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { CameraItem } from '../api/types.ts'
import { LiveStage } from '../video/LiveStage.tsx'
import { useLookPurpose } from '../video/purpose.ts'
import { useLabel } from '../words/language.ts'
import { placeText } from '../words/names.ts'
import { StateMark } from './CameraList.tsx'
import { useOnScreen } from './use-on-screen.ts'

const EVERY_MS = 10_000

/** Small masked stills of all cameras, each with its time and age; only what is on screen is asked for. */
export function CameraGrid({ cameras }: { readonly cameras: readonly CameraItem[] }) {
  return (
    <ul className="camera-grid">
      {cameras.map((camera, index) => (
        <Cell key={camera.id} camera={camera} digit={index < 9 ? index + 1 : null} />
      ))}
    </ul>
  )
}

function Cell({ camera, digit }: { readonly camera: CameraItem; readonly digit: number | null }) {
  const { t } = useTranslation()
  const label = useLabel()
  const [element, setElement] = useState<HTMLElement | null>(null)
  const visible = useOnScreen(element)
  const purpose = useLookPurpose(camera.purpose)
  return (
    <li ref={setElement}>
      <Link to={`/cameras/${encodeURIComponent(camera.id)}`} className="camera-cell">
        {purpose === null ? (
          <div className="picture picture-none">{t('purposeGate.first')}</div>
        ) : visible ? (
          <LiveStage
            camera={camera}
            purpose={purpose}
            best="stills"
            stillEveryMs={EVERY_MS}
            stillSize="thumb"
            zones={[]}
            zonesText=""
            onView={ignore}
          />
        ) : (
          <div className="picture" />
        )}
        <span className="row-line">
          {digit === null ? null : <kbd>{digit}</kbd>}
          <strong className="clip-text">{label(camera.name)}</strong>
          <StateMark state={camera.state} />
        </span>
        <span className="row-place clip-text">{placeText(camera.place, camera.id)}</span>
      </Link>
    </li>
  )
}

const ignore = () => undefined
