import type { CSSProperties } from 'react'

type Box = readonly [number, number, number, number]
type Polygon = readonly (readonly [number, number])[]

interface Props {
  /** Fractions of the picture. `strong`: the hazard itself; the others are what the model saw. */
  readonly boxes: readonly { readonly box: Box; readonly label: string; readonly strong: boolean }[]
  readonly zones: readonly { readonly name: string; readonly polygon: Polygon }[]
  readonly description: string
}

const percent = (share: number): string => `${share * 100}%`

/** Boxes and zones over a picture that fills its parent. Lines stay one width at any size; labels are text. */
export function BoxOverlay({ boxes, zones, description }: Props) {
  return (
    <div className="overlay" role="img" aria-label={description}>
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {zones.map(({ name, polygon }) => (
          <polygon key={name} className="zone" points={polygon.map(([x, y]) => `${x},${y}`).join(' ')} />
        ))}
        {boxes.map(({ box: [l, t, r, b], label, strong }) => (
          <g key={`${label} ${l} ${t} ${r} ${b}`} className={strong ? 'box box-strong' : 'box'}>
            <rect className="box-rim" x={l} y={t} width={r - l} height={b - t} />
            <rect className="box-line" x={l} y={t} width={r - l} height={b - t} />
          </g>
        ))}
      </svg>
      {zones.map(({ name, polygon }) => (
        <span key={name} className="zone-label" style={anchor(polygon)}>
          {name}
        </span>
      ))}
      {boxes
        .filter(({ label }) => label !== '')
        .map(({ box: [l, t, r, b], label, strong }) => (
          <span
            key={`${label} ${l} ${t} ${r} ${b}`}
            className={strong ? 'box-label box-label-strong' : 'box-label'}
            // A label above the box, or inside it where the box touches the upper edge.
            style={
              t > 0.06
                ? { left: percent(l), bottom: percent(1 - t) }
                : { left: percent(l), top: percent(Math.min(t, b)) }
            }
          >
            {label}
          </span>
        ))}
    </div>
  )
}

/** The zone's name stands at its highest point, inside the picture. */
function anchor(polygon: Polygon): CSSProperties {
  const top = [...polygon].sort((a, b) => a[1] - b[1] || a[0] - b[0])[0] ?? [0, 0]
  return { left: percent(Math.min(top[0], 0.85)), top: percent(Math.min(top[1], 0.93)) }
}
