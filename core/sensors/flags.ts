/**
 * What a reading says about a limit. `full`: its value is the value · `floor`: the true value is at least this high ·
 * `none`: nothing, it neither begins nor ends an exceedance.
 */
export type Basis = 'full' | 'floor' | 'none'

interface FlagFacts {
  readonly zh: string
  readonly en: string
  readonly basis: Basis
  /** The device says that it cannot measure: nobody chose that, as they choose to calibrate or to stop. */
  readonly fault: boolean
}

const none = (zh: string, en: string, fault = false): FlagFacts => ({ zh, en, basis: 'none', fault })

/** Marks of readings, as HJ 212 writes them (2017, table of data marks; P and Z as some devices add). */
export const FLAGS = {
  N: { zh: '正常', en: 'normal', basis: 'full', fault: false },
  T: { zh: '超测量上限', en: 'over the measuring range', basis: 'floor', fault: false },
  F: none('停运', 'stopped'),
  M: none('维护', 'maintenance'),
  S: none('手工输入', 'set by hand'),
  C: none('校准', 'calibration'),
  D: none('故障', 'fault', true),
  B: none('通讯异常', 'no communication', true),
  P: none('断电', 'power loss', true),
  Z: none('无数据', 'no data', true),
} as const satisfies Record<string, FlagFacts>

export type Flag = keyof typeof FLAGS
export const FLAG_CODES = Object.keys(FLAGS) as [Flag, ...Flag[]]

/** Null: a code that is not of the table. */
function factsOf(flag: string): FlagFacts | null {
  const code = flag.trim().toUpperCase()
  return Object.hasOwn(FLAGS, code) ? FLAGS[code as Flag] : null
}

/** A device that sends no flag (most MQTT sensors, site dust of 2017) means a plain value; a code nobody knows means nothing. */
export const basisOf = (flag: string | null): Basis =>
  flag === null ? 'full' : (factsOf(flag)?.basis ?? 'none')

export const saysFault = (flag: string | null): boolean => flag !== null && (factsOf(flag)?.fault ?? false)
