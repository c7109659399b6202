import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import type { CameraItem } from '../api/types.ts'
import { useLabel } from '../words/language.ts'
import { placeText } from '../words/names.ts'

export function CameraList({
  cameras,
  open,
}: {
  readonly cameras: readonly CameraItem[]
  readonly open: string | null
}) {
  const { t } = useTranslation()
  const label = useLabel()
  return (
    <ul className="camera-list">
      {cameras.map((camera) => (
        <li key={camera.id}>
          <NavLink
            to={`/cameras/${encodeURIComponent(camera.id)}`}
            className="camera-row"
            aria-current={camera.id === open ? 'page' : undefined}
          >
            <span className="row-line">
              <StateMark state={camera.state} />
              <strong className="clip-text">{label(camera.name)}</strong>
            </span>
            <span className="row-place clip-text">{placeText(camera.place, camera.id)}</span>
            <span className="row-line row-tags">
              <span className="tag">{t(`purpose.${camera.purpose}`)}</span>
              {camera.attention ? (
                <span className="tag">{t(`attention.${camera.attention.level}`)}</span>
              ) : null}
              {camera.rules.some((rule) => rule.enabled && rule.unavailable) ? (
                <span className="tag tag-warn">
                  {t('cameras.unavailableCount', {
                    n: camera.rules.filter((rule) => rule.enabled && rule.unavailable).length,
                  })}
                </span>
              ) : null}
            </span>
          </NavLink>
        </li>
      ))}
    </ul>
  )
}

/** Shape and word; colour only for what is not normal. */
export function StateMark({ state }: { readonly state: CameraItem['state'] }) {
  const { t } = useTranslation()
  return (
    <span className="state-mark" data-state={state}>
      <span aria-hidden="true">{MARKS[state]}</span> {t(`cameraState.${state}`)}
    </span>
  )
}

const MARKS: Readonly<Record<CameraItem['state'], string>> = {
  online: '●',
  connecting: '◌',
  stalled: '◐',
  offline: '✕',
  unassigned: '○',
}
