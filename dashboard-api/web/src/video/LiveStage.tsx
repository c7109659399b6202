import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react'
import type { CameraItem } from '../api/types.ts'
import { pictureAge } from '../cameras/picture-age.ts'
import { BoxOverlay } from '../parts/BoxOverlay.tsx'
import { useNow } from '../time/use-now.ts'
import { AgeBadge } from './AgeBadge.tsx'
import type { BoxReport } from './box-state.ts'
import { LiveStills } from './LiveStills.tsx'
import { LiveVideo } from './LiveVideo.tsx'
import type { LiveState, LiveView, LiveWay } from './live-view.ts'
import { SlowVideo } from './SlowVideo.tsx'
import { StallOverlay } from './StallOverlay.tsx'
import { Watermark } from './Watermark.tsx'

interface Props {
  readonly camera: CameraItem
  readonly purpose: string
  /** The best way that is wanted: `stills` saves network and machine. */
  readonly best: LiveWay
  readonly stillEveryMs: number
  readonly stillSize: 'full' | 'thumb'
  readonly zones: readonly {
    readonly name: string
    readonly polygon: readonly (readonly [number, number])[]
  }[]
  readonly zonesText: string
  readonly onView: (view: LiveView) => void
  /** Whether what the model finds is drawn; absent: it never is here. */
  readonly boxes?: { readonly wanted: boolean; readonly onReport: (report: BoxReport) => void }
  readonly children?: ReactNode
}

const CONNECTING: LiveState = { kind: 'connecting' }
const ORDER: readonly LiveWay[] = ['mse', 'mpeg1', 'stills']
const worse = (a: LiveWay, b: LiveWay): LiveWay => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b)

/** One live picture with its age always in sight; an old picture never looks like a live one. */
export function LiveStage(props: Props) {
  const { camera, purpose, stillEveryMs, stillSize, zones, zonesText, onView, children } = props
  const [fallen, setFallen] = useState<LiveWay>('mse')
  const [state, setState] = useState<LiveState>(CONNECTING)
  const [stillError, setStillError] = useState<unknown>(null)
  const [capturedAt, setCapturedAt] = useState<number | null>(null)
  const [seenSize, setSeenSize] = useState<{ width: number; height: number } | null>(null)
  const [dropped, setDropped] = useState(0)
  const report = useRef(onView)
  report.current = onView
  const wanted = props.boxes?.wanted ?? false
  const reportBoxes = useRef(props.boxes?.onReport)
  reportBoxes.current = props.boxes?.onReport
  const now = useNow()

  const way = worse(worse(props.best, camera.live), fallen)
  const stills = way === 'stills'
  const stopped = stills ? stillError !== null : state.kind !== 'playing'
  const age = pictureAge({ capturedAt, now, stills, stopped, everyMs: stillEveryMs })
  const old = age.kind === 'old'
  useEffect(() => report.current({ way, state, stillError, dropped }), [way, state, stillError, dropped])
  useEffect(() => {
    // The video tells of its own; the other ways have none.
    if (way !== 'mse') reportBoxes.current?.({ state: wanted ? 'noStream' : 'off', last: null })
  }, [way, wanted])
  const onBoxes = (next: BoxReport) => reportBoxes.current?.(next)
  const onState = (next: LiveState) => {
    setState(next)
    const fall = fallOf(way, next)
    if (fall) setFallen(fall)
  }
  const onCapture = (at: number | null, leftOut: number) => {
    setCapturedAt((before) => at ?? before)
    setDropped(leftOut)
  }
  const onSize = (width: number, height: number) =>
    setSeenSize((before) =>
      before?.width === width && before.height === height ? before : { width, height },
    )
  const size = camera.width && camera.height ? { width: camera.width, height: camera.height } : seenSize
  const key = `${camera.id} ${way}`
  return (
    <div className="picture" style={size ? shapeOf(size) : undefined}>
      {way === 'mse' ? (
        <LiveVideo
          key={key}
          {...{ camera: camera.id, purpose, old, boxes: wanted, onState, onCapture, onBoxes }}
        />
      ) : way === 'mpeg1' ? (
        <SlowVideo key={key} {...{ camera: camera.id, purpose, old, onState, onCapture, onSize }} />
      ) : (
        <LiveStills
          key={key}
          {...{ camera: camera.id, purpose, old, onSize, size: stillSize, everyMs: stillEveryMs }}
          onCapture={(at) => onCapture(at, 0)}
          onError={setStillError}
        />
      )}
      {zones.length > 0 ? <BoxOverlay boxes={[]} zones={zones} description={zonesText} /> : null}
      <Watermark />
      {old ? <StallOverlay ms={age.ms} /> : null}
      <AgeBadge age={age} capturedAt={capturedAt} />
      {children}
    </div>
  )
}

/** The frame has the picture's own shape, on a full screen too: what is drawn over it is in shares of the picture. */
const shapeOf = ({ width, height }: { readonly width: number; readonly height: number }): CSSProperties => ({
  aspectRatio: `${width} / ${height}`,
  ['--shape' as string]: String(width / height),
})

/** Where to go on after a last word; null: it was none. */
function fallOf(way: LiveWay, { kind }: LiveState): LiveWay | null {
  if (kind === 'masked' || kind === 'noRoom') return 'stills'
  if (kind === 'unplayable') return way === 'mse' ? 'mpeg1' : 'stills'
  return null
}
