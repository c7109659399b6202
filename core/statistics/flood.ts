import { ALARM_LIMITS } from './figures.ts'

/** Alarms of one window of ten minutes, and how many operators there were; nobody seen counts as one. */
export interface AlarmWindow {
  readonly alarms: number
  readonly operators: number
}

export interface AlarmLoad {
  /** Alarms per operator and window, also of windows without any. Null: there is no window. */
  readonly median: number | null
  readonly max: number | null
  /** Windows in a flood: it begins with one over 10 and ends before one under 5. */
  readonly flooded: number
  readonly windows: number
  /** Which window had the most; null: none had any. */
  readonly busiest: number | null
}

const rate = ({ alarms, operators }: AlarmWindow): number => alarms / Math.max(1, operators)

/** Windows in the order of time, without a gap. */
export function alarmLoad(windows: readonly AlarmWindow[]): AlarmLoad {
  const rates = windows.map(rate)
  let flooded = 0
  let inFlood = false
  let busiest: number | null = null
  rates.forEach((each, index) => {
    if (each > (busiest === null ? 0 : (rates[busiest] ?? 0))) busiest = index
    if (each > ALARM_LIMITS.floodOver) inFlood = true
    else if (each < ALARM_LIMITS.floodEndsUnder) inFlood = false
    if (inFlood) flooded += 1
  })
  const sorted = rates.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted.length % 2 === 0 ? sorted[middle - 1] : upper
  return {
    median: upper === undefined || lower === undefined ? null : (upper + lower) / 2,
    max: sorted.at(-1) ?? null,
    flooded,
    windows: windows.length,
    busiest,
  }
}
