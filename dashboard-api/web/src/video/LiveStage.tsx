import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react'
import type { CameraItem } from '../api/types.ts'
import { pictureAge } from '../cameras/picture-age.ts'
import { BoxOverlay } from '../parts/BoxOverlay.tsx'
import { useNow } from '../time/use-now.ts'
import { AgeBadge } from './AgeBadge.tsx'
import type { BoxReport } from './box-state.ts'
import { LiveStills } from './LiveStills.tsx'
import { LiveVideo } from './LiveVideo.tsx'
import { FIRST_STEP, type LiveState, type LiveView, type LiveWay, nextStep, worse } from './live-view.ts'
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

/** One live picture with its age always in sight; an old picture never looks like a live one. */
export function LiveStage(props: Props) {
  const { camera, purpose, stillEveryMs, stillSize, zones, zonesText, onView, children } = props
  const [{ fallen, waits, state }, setStep] = useState(FIRST_STEP)
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

  const tried = worse(worse(props.best, camera.live), fallen)
  const way = waits ? 'stills' : tried
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
  const onState = (next: LiveState) => setStep((step) => nextStep(step, tried, next))
  const onCapture = (at: number | null, leftOut: number) => {
    setCapturedAt((before) => at ?? before)
    setDropped(leftOut)
  }
  const onSize = (width: number, height: number) =>
    setSeenSize((before) =>
      before?.width === width && before.height === height ? before : { width, height },
    )
  const size = camera.width && camera.height ? { width: camera.width, height: camera.height } : seenSize
  const key = `${camera.id} ${tried}`
  return (
    <div className="picture" style={size ? shapeOf(size) : undefined}>
      {tried === 'mse' ? (
        <LiveVideo
          key={key}
          {...{ camera: camera.id, purpose, old, boxes: wanted, onState, onCapture, onBoxes }}
        />
      ) : tried === 'mpeg1' ? (
        <SlowVideo
          key={key}
          {...{ camera: camera.id, purpose, old, hidden: waits, onState, onSize }}
          onCapture={waits ? noCapture : onCapture}
        />
      ) : null}
      {stills ? (
        <LiveStills
          key={`${camera.id} stills`}
          {...{ camera: camera.id, purpose, old, onSize, size: stillSize, everyMs: stillEveryMs }}
          onCapture={(at) => onCapture(at, 0)}
          onError={setStillError}
        />
      ) : null}
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

/** While it waits for room it shows nothing: the times are those of the stills. */
const noCapture = () => undefined
