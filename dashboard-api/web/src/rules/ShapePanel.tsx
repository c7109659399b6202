import { Button, InputNumber } from 'antd'
import type { Dispatch } from 'react'
import { useTranslation } from 'react-i18next'
import type { Point } from '../../../../core/geometry.ts'
import { capital } from '../parts/capital.ts'
import { canTravel, type EditorAction, type EditorState } from './editor.ts'
import { FaultText } from './FaultText.tsx'
import type { SetFault } from './faults.ts'
import { shapeOf, shapesOf } from './model.ts'
import { ZoneName } from './ZoneName.tsx'

interface Props {
  readonly state: EditorState
  readonly dispatch: Dispatch<EditorAction>
  readonly faults: readonly SetFault[]
  readonly readOnly: boolean
}

/** The shapes of the picture as a list, and the chosen one with its points in numbers. */
export function ShapePanel({ state, dispatch, faults, readOnly }: Props) {
  const { t } = useTranslation()
  const { set, selected, drawing } = state
  const shapes = shapesOf(set)
  const current = shapeOf(set, selected)
  return (
    <section aria-label={t('ruleDesk.shapes')}>
      <h2>{t('ruleDesk.shapes')}</h2>
      {readOnly ? null : (
        <div className="action-row">
          <Button disabled={drawing} onClick={() => dispatch({ do: 'draw', kind: 'zone' })}>
            {t('ruleDesk.drawZone')} <kbd>n</kbd>
          </Button>
          <Button disabled={drawing} onClick={() => dispatch({ do: 'draw', kind: 'privacy' })}>
            {t('ruleDesk.drawPrivacy')}
          </Button>
          <Button disabled={!canTravel(state, 'back')} onClick={() => dispatch({ do: 'undo' })}>
            {capital(t('ruleDesk.keys.undo'))}
          </Button>
          <Button disabled={!canTravel(state, 'ahead')} onClick={() => dispatch({ do: 'redo' })}>
            {capital(t('ruleDesk.keys.redo'))}
          </Button>
        </div>
      )}
      {drawing ? (
        <p className="rule-hint" role="status">
          {t('ruleDesk.drawingHint')}{' '}
          <Button size="small" onClick={() => dispatch({ do: 'close' })}>
            {t('ruleDesk.finish')}
          </Button>
        </p>
      ) : null}
      {shapes.length === 0 ? <p className="caption">{t('ruleDesk.noShapes')}</p> : null}
      <ul className="shape-list">
        {shapes.map(({ key, kind, name, points }) => (
          <li key={key}>
            <button
              type="button"
              className="shape-button"
              aria-pressed={key === selected}
              onClick={() => dispatch({ do: 'select', key: key === selected ? null : key })}
            >
              <span className="swatch" data-kind={kind} aria-hidden="true" />
              <span className="break">
                {kind === 'privacy' ? t('ruleDesk.privacyNo', { n: name }) : name}
              </span>
              <span className="caption">{t('ruleDesk.points', { n: points.length })}</span>
            </button>
            {key === selected && drawing ? null : (
              <FaultText faults={faults.filter((fault) => fault.at === key)} />
            )}
          </li>
        ))}
      </ul>
      {current ? (
        <div className="panel">
          {current.kind === 'zone' ? (
            <ZoneName
              key={current.key}
              set={set}
              name={current.name}
              readOnly={readOnly}
              dispatch={dispatch}
            />
          ) : (
            <p className="caption">{t('ruleDesk.privacyWhat')}</p>
          )}
          <ol className="point-list">
            {current.points.map((at, i) => (
              <PointRow
                // biome-ignore lint/suspicious/noArrayIndexKey: a point is known by its place in the shape
                key={i}
                index={i}
                at={at}
                chosen={i === state.point}
                readOnly={readOnly}
                dispatch={dispatch}
              />
            ))}
          </ol>
          {readOnly ? null : (
            <div className="action-row">
              {drawing ? null : (
                <Button onClick={() => dispatch({ do: 'drawOn' })}>{t('ruleDesk.drawOn')}</Button>
              )}
              <Button danger onClick={() => dispatch({ do: 'removeShape', key: current.key })}>
                {t('ruleDesk.removeShape')}
              </Button>
            </div>
          )}
        </div>
      ) : null}
    </section>
  )
}

interface RowProps {
  readonly index: number
  readonly at: Point
  readonly chosen: boolean
  readonly readOnly: boolean
  readonly dispatch: Dispatch<EditorAction>
}

function PointRow({ index, at: [x, y], chosen, readOnly, dispatch }: RowProps) {
  const { t } = useTranslation()
  const move = (to: Point) => dispatch({ do: 'move', point: index, to, run: `field ${index}` })
  const field = (axis: 'x' | 'y', value: number, moved: (v: number) => Point) => (
    <InputNumber
      {...{ min: 0, max: 1, step: 0.001, size: 'small' as const, value, readOnly, prefix: axis }}
      aria-label={t('ruleDesk.coordinate', { n: index + 1, axis })}
      onChange={(v) => v !== null && move(moved(v))}
    />
  )
  return (
    <li className="point-row" data-chosen={chosen || undefined}>
      <span className="num point-no">{index + 1}</span>
      {field('x', x, (v) => [v, y])}
      {field('y', y, (v) => [x, v])}
      {readOnly ? null : (
        <Button
          size="small"
          aria-label={t('ruleDesk.removeNo', { n: index + 1 })}
          onClick={() => dispatch({ do: 'removePoint', point: index })}
        >
          ✕
        </Button>
      )}
    </li>
  )
}
