import { type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { toApiError } from '../api/problem.ts'
import { fetchPart, type Recordings } from '../api/recordings.ts'
import type { CameraItem } from '../api/types.ts'
import { useProblemText } from '../parts/problem-text.ts'
import { useSession } from '../session/session.ts'
import { useLabel } from '../words/language.ts'
import { formatExact } from './clock.ts'
import { gapText } from './gap-text.ts'
import type { Playhead } from './playhead.ts'
import { createPreviews } from './previews.ts'
import { createReplayPlayer, type ReplayPlayer } from './replay-player.ts'

/** What the page asks of a pane, for every picture of the screen. */
export interface PaneHandle extends Pick<ReplayPlayer, 'seek' | 'shownAt' | 'beside'> {
  readonly waiting: boolean
  follow(at: number, speed: number, playing: boolean): void
  /** While the playhead is dragged: a small picture of there. */
  scrub(at: number): void
}

interface Props {
  readonly camera: CameraItem
  readonly recordings: Recordings | undefined
  readonly caseNo: string | null
  readonly handles: RefObject<Map<string, PaneHandle>>
  readonly head: Playhead
  /** The moment, for what is said in a gap; about ten times a second. */
  readonly at: number
  readonly onRemove: (() => void) | null
}

/** One camera's picture with the time at which it was taken. */
export function ReplayPane({ camera, recordings, caseNo, handles, head, at, onRemove }: Props) {
  const { t } = useTranslation()
  const label = useLabel()
  const problem = useProblemText()
  const { timezone } = useSession().city
  const video = useRef<HTMLVideoElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const badge = useRef<HTMLDivElement>(null)
  const [error, setError] = useState<unknown>(null)
  const show = recordings?.show ?? null
  const { id } = camera

  useEffect(() => {
    if (!video.current || !canvas.current || show === null) return
    const player = createReplayPlayer(
      video.current,
      (from, ms, signal) => fetchPart(id, from, ms, caseNo, signal),
      setError,
      () => {
        if (!previews.visible) tell(player.shownAt())
      },
    )
    const previews = createPreviews(id, canvas.current, setError)
    const tell = (taken: number | null) => {
      if (!badge.current) return
      badge.current.textContent = taken === null ? '--:--:--' : formatExact(taken, timezone)
      badge.current.dataset.capturedAt = taken === null ? '' : String(taken)
    }
    const stills = show === 'stills'
    const handle: PaneHandle = {
      get waiting() {
        return !stills && player.waiting
      },
      shownAt: () => (stills ? previews.shownAt() : player.shownAt()),
      beside: (moment, direction) => (stills ? null : player.beside(moment, direction)),
      seek(moment) {
        if (stills) return previews.ask(moment, 960)
        player.seek(moment)
      },
      scrub: (moment) => previews.ask(moment, stills ? 960 : 480),
      follow(moment, speed, playing) {
        if (stills) previews.follow(moment, speed)
        else {
          player.follow(moment, speed, playing)
          if (player.shownAt() !== null && !player.waiting) previews.hide()
        }
        tell(previews.visible ? previews.shownAt() : player.shownAt())
      },
    }
    const all = handles.current
    all.set(id, handle)
    handle.seek(head.at())
    return () => {
      all.delete(id)
      previews.close()
      player.close()
    }
  }, [id, show, caseNo, handles, head, timezone])

  const gap = recordings?.gaps.find((one) => Date.parse(one.from) <= at && at < Date.parse(one.to))
  const recorded = recordings?.recorded.some((one) => Date.parse(one.from) <= at && at <= Date.parse(one.to))
  const size = camera.width && camera.height ? `${camera.width} / ${camera.height}` : undefined
  const notPlayable = error instanceof TypeError
  return (
    <figure className="replay-pane">
      <figcaption>
        <strong className="clip-text">{label(camera.name)}</strong>
        {onRemove ? (
          <button
            type="button"
            className="pane-remove"
            aria-label={t('history.remove', { name: label(camera.name) })}
            onClick={onRemove}
          >
            ×
          </button>
        ) : null}
      </figcaption>
      <div className="picture" style={size ? { aspectRatio: size } : undefined}>
        <video
          ref={video}
          muted
          playsInline
          tabIndex={-1}
          aria-label={t('history.picture', { name: label(camera.name) })}
        />
        <canvas ref={canvas} className="preview" hidden />
        {recorded === false && recordings ? (
          <div className="replay-gap">
            {gap ? gapText(gap, recordings.keptHours, t) : t('history.gap.none')}
          </div>
        ) : null}
        <div ref={badge} className="age-badge num" data-kind="still" title={t('history.clockWhy')} />
      </div>
      {error ? (
        <p className="failed">{notPlayable ? t('history.unplayable') : problem(toApiError(error))}</p>
      ) : null}
      {show === 'stills' ? <p className="caption">{t('history.stillsWhy')}</p> : null}
    </figure>
  )
}
