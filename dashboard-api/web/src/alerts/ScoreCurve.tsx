import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Around } from '../../../../core/api/around.ts'
import { useSession } from '../session/session.ts'
import { formatTime } from '../time/format.ts'

const HEIGHT = 120

/** How sure the model was over time, and what the rule asks for; the same numbers as a table for who sees no curve. */
export function ScoreCurve({ around }: { readonly around: Pick<Around, 'states' | 'threshold'> }) {
  const { t } = useTranslation()
  const { timezone } = useSession().city
  const holder = useRef<HTMLDivElement>(null)
  const { states, threshold } = around

  useEffect(() => {
    const element = holder.current
    if (!element) return
    const style = getComputedStyle(element)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const axis = { stroke: colour('--secondary'), grid: { stroke: colour('--border'), width: 1 } }
    const times = states.map(({ at }) => Date.parse(at) / 1_000)
    const scores = states.map(({ score }) => score)
    const data: uPlot.AlignedData =
      threshold === null ? [times, scores] : [times, scores, times.map(() => threshold)]
    const plot = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: [0, 1] } },
        axes: [
          {
            ...axis,
            space: 90,
            values: (_plot, ticks) => ticks.map((tick) => formatTime(tick * 1_000, timezone)),
          },
          axis,
        ],
        series: [
          {},
          { stroke: colour('--link'), width: 2, points: { show: true } },
          ...(threshold === null
            ? []
            : [{ stroke: colour('--text'), width: 1, dash: [6, 4], points: { show: false } }]),
        ],
      },
      data,
      element,
    )
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [states, threshold, timezone])

  if (states.length < 2) return null
  return (
    <section>
      <h2>{t('around.score')}</h2>
      <div ref={holder} className="score-curve" aria-hidden="true" />
      <p className="caption">
        {threshold === null
          ? t('around.noThreshold')
          : t('around.threshold', { value: threshold.toFixed(2) })}
      </p>
      <details>
        <summary>{t('around.asTable')}</summary>
        <ul className="score-list num">
          {states.map(({ at, score, kind }) => (
            <li key={`${at} ${kind}`}>
              {formatTime(Date.parse(at), timezone)} · {score.toFixed(2)}
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}
