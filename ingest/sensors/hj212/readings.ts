import { MAX_VALUE, type Reading } from '../../../core/reading.ts'
import type { EpochMs } from '../../../core/units.ts'
import type { CityTime } from './city-time.ts'
import { DATA_COMMANDS, type DataCommand } from './codes.ts'
import type { TimedPacket } from './packets.ts'

export interface PacketReadings {
  readonly readings: readonly Reading[]
  /** Fields that are no measurement: text (Info, SN), SampleTime, a number that is none, a name that is too long. */
  readonly ignored: number
  /** `td` for `Rtd`, as real devices send it. */
  readonly repaired: number
}

/**
 * The values of a data packet (CN 2011, 2051, 2061, 2031 and their kin), as sent, in the order of the factors. A factor's
 * `Flag` stands beside each of its values, alone where there are none. What is not the factor's own measurement gets a
 * name of its own, so that no limit is ever held against it: `a21026-Zs` converted to the reference oxygen content,
 * `LA-Day` and `LA-Night` of a day's noise, `a34004-EFlag` the instrument's own mark, `SB1-RS` any other numeric field,
 * `a34004-Raw` and `a34004-Calibration` the values of CN 2013 and 2062.
 *
 * @returns null when there is no readable DataTime: a value without a moment is no reading
 */
export function readReadings({ packet, dataTime }: TimedPacket, cityTime: CityTime): PacketReadings | null {
  const command = DATA_COMMANDS.get(packet.cn)
  let at = dataTime === null ? null : cityTime(dataTime)
  if (command === undefined || at === null) return null
  const readings: Reading[] = []
  let factors = new Map<string, Factor>()
  let ignored = 0
  let repaired = 0

  const factorOf = (name: string): Factor => {
    const known = factors.get(name)
    if (known) return known
    const made: Factor = { values: [], flag: null }
    factors.set(name, made)
    return made
  }
  const add = (factor: string, statistic: Reading['statistic'], text: string) => {
    const value = readNumber(text)
    const name = command.mark === null ? factor : `${factor}-${command.mark}`
    if (value === null || !isName(name)) ignored += 1
    else factorOf(name).values.push({ statistic, value })
  }

  for (const { key, value } of packet.fields) {
    if (key === 'DataTime') {
      // Some packets hold several moments: what follows belongs to the next.
      const next = cityTime(value)
      if (next === null) return null
      if (next !== at) {
        emit(readings, factors, command, at)
        factors = new Map()
        at = next
      }
      continue
    }
    const dash = key.lastIndexOf('-')
    if (dash < 1) {
      ignored += 1
      continue
    }
    const factor = key.slice(0, dash)
    const field = key.slice(dash + 1)
    const known = FIELDS.get(field) ?? FIELDS.get(field.toLowerCase())
    if (known === undefined) add(key, 'value', value)
    else if (known.kind === 'value') {
      if (known.typo) repaired += 1
      add(factor + known.suffix, known.statistic, value)
    } else if (known.kind === 'flag') {
      const name = (command.mark === null ? factor : `${factor}-${command.mark}`) + known.suffix
      if (isName(name) && value !== '') factorOf(name).flag = readFlag(value)
      else ignored += 1
    } else ignored += 1
  }
  emit(readings, factors, command, at)
  return { readings, ignored, repaired }
}

interface Factor {
  readonly values: { readonly statistic: Reading['statistic']; readonly value: number }[]
  flag: string | null
}

type FieldMeaning =
  | {
      readonly kind: 'value'
      readonly statistic: Reading['statistic']
      readonly suffix: string
      readonly typo: boolean
    }
  | { readonly kind: 'flag'; readonly suffix: string }
  | { readonly kind: 'no_measurement' }

const measured = (statistic: Reading['statistic'], suffix = '', typo = false): FieldMeaning => ({
  kind: 'value',
  statistic,
  suffix,
  typo,
})

const MEANINGS: Readonly<Record<string, FieldMeaning>> = {
  Rtd: measured('value'),
  td: measured('value', '', true),
  Min: measured('min'),
  Avg: measured('avg'),
  Max: measured('max'),
  Cou: measured('sum'),
  ZsRtd: measured('value', '-Zs'),
  ZsMin: measured('min', '-Zs'),
  ZsAvg: measured('avg', '-Zs'),
  ZsMax: measured('max', '-Zs'),
  Data: measured('value'),
  // "DayDate" is how the standard's own list writes it.
  DayDate: measured('value', '-Day'),
  DayData: measured('value', '-Day'),
  NightDate: measured('value', '-Night'),
  NightData: measured('value', '-Night'),
  Flag: { kind: 'flag', suffix: '' },
  EFlag: { kind: 'flag', suffix: '-EFlag' },
  SampleTime: { kind: 'no_measurement' },
}
/** By the standard's spelling and in lower case. */
const FIELDS: ReadonlyMap<string, FieldMeaning> = new Map(
  Object.entries(MEANINGS).flatMap(([name, meaning]) => [
    [name, meaning],
    [name.toLowerCase(), meaning],
  ]),
)

function emit(
  readings: Reading[],
  factors: ReadonlyMap<string, Factor>,
  { period }: DataCommand,
  at: EpochMs,
) {
  for (const [factor, { values, flag }] of factors) {
    for (const { statistic, value } of values) readings.push({ factor, period, statistic, at, value, flag })
    if (values.length === 0) readings.push({ factor, period, statistic: 'value', at, value: null, flag })
  }
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/
/** A decimal number that can be measured; null for anything else (empty, dashes, hexadecimal, 1e200). */
function readNumber(text: string): number | null {
  if (!NUMBER.test(text)) return null
  const value = Number(text)
  return Math.abs(value) <= MAX_VALUE ? value : null
}

/** Letters of any script, digits and signs, without blanks, control characters and what was no valid text. */
const NAME = /^[^\p{C}\p{Z}\ufffd]+$/u
const PLAIN_NAME = /^[\w-]+$/
const LONGEST_NAME = 64
const isName = (text: string): boolean =>
  text.length <= LONGEST_NAME && (PLAIN_NAME.test(text) || NAME.test(text))

const LONGEST_FLAG = 16
/** A mark that is no text, or longer than any of the standard, is still a mark: it must not read as "normal". */
const readFlag = (text: string): string => (text.length <= LONGEST_FLAG && isName(text) ? text : '?')
