import { encodeFrame, encodeSegment } from '../../ingest/sensors/hj212/encode.ts'
import type { Field } from '../../ingest/sensors/hj212/segment.ts'

/** MN of device `n` of the bench. */
export const benchMn = (n: number): string => `BENCH${String(n).padStart(19, '0')}`

const AIR = ['a34004', 'a34002', 'a34001', 'a21026', 'a21004', 'a01001', 'a01002', 'a01006', 'a01007', 'LA']
const WATER = ['001', '011', '060', '101', 'B01']
const STACK = ['a34013', 'a21026', 'a21002', 'a21005', 'a01012', 'a19001']

/** Whole numbers and fractions as devices print them; the same for the same arguments. */
const measured = (n: number, factor: number): string =>
  (((n * 7_919 + factor * 104_729) % 20_000) / 100).toFixed(1 + (factor % 3))

const real = (factors: readonly string[], n: number, marked: boolean): Field[] =>
  factors.flatMap((factor, index) => [
    { key: `${factor}-Rtd`, value: measured(n, index) },
    ...(marked ? [{ key: `${factor}-Flag`, value: 'N' }] : []),
  ])
const aggregate = (factors: readonly string[], n: number): Field[] =>
  factors.flatMap((factor, index) => [
    ...['Min', 'Avg', 'Max'].map((kind, at) => ({
      key: `${factor}-${kind}`,
      value: measured(n + at, index),
    })),
    { key: `${factor}-Flag`, value: 'N' },
  ])

interface Shape {
  /** Of a hundred packets. */
  readonly share: number
  readonly st: string
  readonly cn: string
  /** Null: a device of 2005, without QN and Flag. */
  readonly flag: number | null
  fields(n: number): Field[]
}

/** A city with many air stations and building sites, some stacks and rivers; one packet in seven is a minute's. */
const SHAPES: readonly Shape[] = [
  { share: 45, st: '22', cn: '2011', flag: 5, fields: (n) => real(AIR, n, true) },
  { share: 20, st: '39', cn: '2011', flag: 5, fields: (n) => real(AIR, n, false) },
  { share: 10, st: '32', cn: '2011', flag: null, fields: (n) => real(WATER, n, true) },
  { share: 10, st: '39', cn: '2011', flag: 9, fields: (n) => real(AIR, n, true) },
  { share: 8, st: '22', cn: '2051', flag: 5, fields: (n) => aggregate(AIR.slice(0, 6), n) },
  { share: 6, st: '31', cn: '2051', flag: 5, fields: (n) => aggregate(STACK, n) },
  { share: 1, st: '31', cn: '2061', flag: 9, fields: (n) => aggregate(STACK, n) },
]

const shapeOf = (n: number): Shape => {
  let left = (n * 37) % 100
  for (const shape of SHAPES) {
    if (left < shape.share) return shape
    left -= shape.share
  }
  throw new RangeError('the shares do not make a hundred')
}

/** Packet `n` of the mix as a frame. `asks`: with QN and D bit whatever its shape, so that an answer comes to each. */
export function benchFrame(n: number, mn: string, asks: boolean): Buffer {
  const { st, cn, flag, fields } = shapeOf(n)
  const time = new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString().replace(/\D/g, '')
  const numbered = asks || flag !== null
  return encodeFrame(
    encodeSegment({
      ...{ st, cn, password: '123456', mn, part: null },
      qn: numbered ? String(n).padStart(17, '0') : null,
      flag: asks ? (flag ?? 1) : flag,
      fields: [{ key: 'DataTime', value: time.slice(0, 14) }, ...fields(n)],
    }),
  )
}
