import { MAX_VALUE } from '../../../core/reading.ts'
import type { EpochMs } from '../../../core/units.ts'
import { parseTime } from './time.ts'

/** One value as the device sent it. */
export interface Value {
  /** Null: the payload names none, so it is of the topic's only factor. */
  readonly factor: string | null
  /** Null: the flag came alone. */
  readonly value: number | null
  readonly flag: string | null
  /** Null: the device said no time. */
  readonly at: EpochMs | null
}

/** Why something of a payload cannot be taken: a code that can be counted, and a sentence for people. */
export interface Rejection {
  readonly code: 'too_large' | 'not_text' | 'not_json' | 'value' | 'time' | 'flag' | 'shape' | 'factor'
  readonly reason: string
}

export interface Payload {
  readonly values: readonly Value[]
  /** How much of it was not taken, and why the first of it. */
  readonly rejected: number
  readonly first: Rejection | null
}

export const MAX_PAYLOAD_BYTES = 1 << 20
const MAX_VALUES = 20_000
const MAX_FLAG = 16
/** A batch of CloudEvents whose data are arrays is as deep as it gets. */
const MAX_DEPTH = 3
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const TIME_KEYS = ['at', 'time', 'ts'] as const
const OWN_KEYS: ReadonlySet<string> = new Set([...TIME_KEYS, 'flag'])

type Fields = Readonly<Record<string, unknown>>

/**
 * What a device said: a bare number; `{value, at|time|ts?, flag?}`; `{<factor>: number | {value, …}, …}` with the factors
 * that are configured; a CloudEvent whose data is one of these; an array of these. Total: whatever the bytes are, the
 * answer says what of them was taken and why the rest was not. What is good in an array is taken beside what is not.
 */
export function parsePayload(bytes: Uint8Array, factors: ReadonlySet<string>): Payload {
  const text = textOf(bytes)
  const found = typeof text === 'string' ? readText(text, factors) : [text]
  const values = found.filter(isValue).slice(0, MAX_VALUES)
  const first = found.find(isRejection)
  return {
    values,
    rejected: found.length - values.length,
    first: first ?? (found.length > values.length ? TOO_MANY : null),
  }
}

type Item = Value | Rejection
const isValue = (item: Item): item is Value => !isRejection(item)
const isRejection = (item: Item): item is Rejection => 'reason' in item
const reject = (code: Rejection['code'], reason: string): Rejection => ({ code, reason })
const TOO_MANY = reject('shape', `more than ${MAX_VALUES} values in one payload`)

function textOf(bytes: Uint8Array): string | Rejection {
  if (bytes.length > MAX_PAYLOAD_BYTES)
    return reject('too_large', `${bytes.length} bytes; at most ${MAX_PAYLOAD_BYTES} are taken`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  } catch {
    return reject('not_text', 'not UTF-8')
  }
}

function readText(text: string, factors: ReadonlySet<string>): readonly Item[] {
  if (NUMBER.test(text)) return [readOne(null, { value: Number(text) }, null)]
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    return [reject('not_json', 'neither a number nor JSON')]
  }
  return read(said, { factors, at: null, depth: 0 })
}

interface Around {
  readonly factors: ReadonlySet<string>
  /** What an outer object says of the time of everything in it. */
  readonly at: EpochMs | null
  readonly depth: number
}

function read(said: unknown, around: Around): readonly Item[] {
  if (typeof said === 'number') return [readOne(null, { value: said }, around.at)]
  if (isObject(said)) return readObject(said, around)
  if (!Array.isArray(said)) return [reject('value', `${nameOf(said)} where a number or an object belongs`)]
  if (around.depth >= MAX_DEPTH) return [reject('shape', 'arrays in arrays')]
  return said.flatMap((each) => read(each, { ...around, depth: around.depth + 1 }))
}

function readObject(said: Fields, around: Around): readonly Item[] {
  const { factors, depth } = around
  const time = timeOf(said, around.at)
  if ('fault' in time) return [reject('time', time.fault)]
  if (Object.hasOwn(said, 'specversion')) {
    if (!Object.hasOwn(said, 'data')) return [reject('shape', 'a CloudEvent without data')]
    if (depth >= MAX_DEPTH) return [reject('shape', 'CloudEvents in CloudEvents')]
    return read(said.data, { factors, at: time.at, depth: depth + 1 })
  }
  if (Object.hasOwn(said, 'value')) return [readOne(null, said, time.at)]
  const named = [...factors].filter((factor) => Object.hasOwn(said, factor))
  if (named.length > 0) return named.map((factor) => readFactor(factor, said, time.at))
  if (Object.hasOwn(said, 'flag')) return [readOne(null, said, time.at)]
  return [reject('factor', noFactor(factors, said))]
}

function readFactor(factor: string, said: Fields, at: EpochMs | null): Item {
  const each = said[factor]
  return isObject(each)
    ? readOne(factor, { flag: said.flag, ...each }, at)
    : readOne(factor, { value: each, flag: said.flag }, at)
}

function readOne(factor: string | null, said: Fields, outer: EpochMs | null): Item {
  const of = factor === null ? '' : ` of ${factor}`
  const time = timeOf(said, outer)
  if ('fault' in time) return reject('time', time.fault)
  const flag = said.flag ?? null
  if (flag !== null && !isFlag(flag))
    return reject('flag', `the flag${of} is not a text of at most ${MAX_FLAG} printable characters`)
  const value = said.value ?? null
  if (value === null && flag === null) return reject('value', `neither a value${of} nor a flag`)
  if (value !== null && typeof value !== 'number')
    return reject('value', `the value${of} is ${nameOf(value)}, not a number`)
  if (value !== null && !Number.isFinite(value))
    return reject('value', `the value${of} is not a finite number`)
  if (value !== null && Math.abs(value) > MAX_VALUE)
    return reject('value', `the value${of} is larger than anything that is measured (${MAX_VALUE})`)
  return { factor, value, flag, at: time.at }
}

function timeOf(said: Fields, outer: EpochMs | null): { at: EpochMs | null } | { fault: string } {
  const key = TIME_KEYS.find((name) => said[name] !== undefined && said[name] !== null)
  return key === undefined ? { at: outer } : parseTime(said[key])
}

function noFactor(factors: ReadonlySet<string>, said: Fields): string {
  const has = Object.keys(said)
    .filter((key) => !OWN_KEYS.has(key))
    .slice(0, 5)
    .map((key) => JSON.stringify(key.slice(0, 20)))
  return `none of the configured factors (${[...factors].join(', ')}) is in it; it has ${has.join(', ') || 'no keys'}`
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** No control characters: PostgreSQL takes no NUL in a text. */
const isFlag = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_FLAG && !/\p{C}/u.test(value)

const nameOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'string'
        ? 'a text'
        : `a ${typeof value}`
