import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { StatisticsRow } from '../../../../core/api/statistics.ts'
import { FIGURES } from '../../../../core/statistics/figures.ts'
import { useLabel } from '../words/language.ts'

const SHOWN = ['handled', 'overdue', 'rework', 'closed'] as const
const DASHES = [[], [8, 4], [2, 4], [12, 4, 2, 4]] as const
const HEIGHT = 260

/** The shares over days or months as lines, told apart by dash and not by colour alone. The table has the same numbers. */
export function Trend({ rows }: { readonly rows: readonly StatisticsRow[] }) {
  const { t } = useTranslation()
  const label = useLabel()
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const box = frame.current
    if (!box) return
    const style = getComputedStyle(document.documentElement)
    const text = style.getPropertyValue('--text')
    const axis = {
      stroke: style.getPropertyValue('--secondary'),
      grid: { stroke: style.getPropertyValue('--border') },
    }
    const colours = ['--text', '--error', '--warning', '--link'].map((name) => style.getPropertyValue(name))
    const share = (row: StatisticsRow, figure: (typeof SHOWN)[number]) => {
      const { numerator, denominator } = row.figures[figure] ?? { numerator: 0, denominator: 0 }
      return denominator === 0 ? null : (numerator / denominator) * 100
    }
    const x = rows.map(({ key }) => Date.parse(key.length === 7 ? `${key}-01` : key) / 1_000)
    const plot = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        // The keys are days of the city already.
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'UTC'),
        axes: [
          {
            ...axis,
            values: (_, ticks) => ticks.map((at) => new Date(at * 1_000).toISOString().slice(5, 10)),
          },
          { ...axis, values: (_, ticks) => ticks.map((each) => `${each} %`) },
        ],
        scales: { y: { range: [0, 100] } },
        series: [
          {
            value: (_, at) => (at === null ? '—' : new Date(at * 1_000).toISOString().slice(0, 10)),
            label: t('statistics.by.day'),
          },
          ...SHOWN.map((figure, n) => ({
            label: label(FIGURES[figure]),
            stroke: colours[n] ?? text,
            width: 2,
            dash: [...(DASHES[n] ?? [])],
            spanGaps: false,
            points: { show: true, size: 5 },
            value: (_: uPlot, each: number | null) => (each === null ? '—' : `${each.toFixed(1)} %`),
          })),
        ],
      },
      [x, ...SHOWN.map((figure) => rows.map((row) => share(row, figure)))],
      box,
    )
    const resized = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }))
    resized.observe(box)
    return () => {
      resized.disconnect()
      plot.destroy()
    }
  }, [rows, t, label])
  return <div ref={frame} className="trend" role="img" aria-label={t('statistics.trend')} />
}
