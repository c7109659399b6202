import type { Reading } from '../../../core/reading.ts'

// Codes of HJ 212 as srdgame/lua-HJ212 lists them (hj212/types.lua, hj212.csv); 2025 additions after implementations
// that were written against its text, which was not at hand: taken, not certified.

/** How the values of a data command are kept. */
export interface DataCommand {
  readonly period: Reading['period']
  /**
   * Goes behind the factor's code, for values that are no plain measurement of it and must not be judged as one;
   * null: the factor itself.
   */
  readonly mark: string | null
}

/** Uploads that hold measured values; each is answered with 9014 where the device asks. */
export const DATA_COMMANDS: ReadonlyMap<string, DataCommand> = new Map([
  ['2011', { period: 'instant', mark: null }],
  /** State of devices: SB1-RS. */
  ['2021', { period: 'instant', mark: null }],
  ['2031', { period: 'day', mark: null }],
  /** Running time of a day: SB1-RT. */
  ['2041', { period: 'day', mark: null }],
  ['2051', { period: 'minute', mark: null }],
  ['2061', { period: 'hour', mark: null }],
  // 2025
  ['2013', { period: 'instant', mark: 'Raw' }],
  /** A single measurement of noise. */
  ['2052', { period: 'instant', mark: null }],
  ['2062', { period: 'instant', mark: 'Calibration' }],
  /** Temperature of a furnace. */
  ['2111', { period: 'instant', mark: null }],
])

/** Start-up time of the device: nothing measured, answered as data. */
export const STARTED = '2081'

/** 1013: the device asks that its clock be checked · 9015 (2025): heartbeat. Answered with 9013. */
export const NOTICES: ReadonlySet<string> = new Set(['1013', '9015'])

/** What devices send on a request, which this receiver never makes, and 2025's activation: taken note of, not answered. */
const REPLIES: ReadonlySet<string> = new Set([
  ...['1000', '1001', '1002', '1011', '1012', '1014', '1061', '1062', '1063', '1064', '1072'],
  ...['2012', '2022'],
  ...['3011', '3012', '3013', '3014', '3015', '3016', '3017', '3018', '3019', '3020', '3021'],
  ...['9011', '9012', '9013', '9014'],
])

export type CommandKind = 'data' | 'started' | 'notice' | 'reply' | 'unknown'

export function kindOfCommand(cn: string): CommandKind {
  if (DATA_COMMANDS.has(cn)) return 'data'
  if (cn === STARTED) return 'started'
  if (NOTICES.has(cn)) return 'notice'
  return REPLIES.has(cn) ? 'reply' : 'unknown'
}

/** ST of an answer: interaction between the systems. */
export const ST_INTERACTION = '91'

/**
 * Codes of the 2005 generation → the same pollutant in 2017's, where both lists name it. Readings keep the code that was
 * sent; whoever compares generations looks here. B01 and B02 (flows) have no partner in the list.
 */
export const CODES_2005_TO_2017: ReadonlyMap<string, string> = new Map([
  ['01', 'a34013'],
  ['02', 'a21026'],
  ['03', 'a21002'],
  ['04', 'a21005'],
  ['001', 'w01001'],
  ['011', 'w01018'],
  ['060', 'w21003'],
  ['101', 'w21011'],
])
