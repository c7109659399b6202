import { expect, test } from 'vitest'
import { crcHj, crcModbus, crcText, readCrc } from '../../../../ingest/sensors/hj212/crc.ts'
import {
  dataAnswer,
  encodeFrame,
  encodeSegment,
  noticeAnswer,
  requestAnswer,
  resultAnswer,
  wantsAnswer,
} from '../../../../ingest/sensors/hj212/encode.ts'
import { createFramer, type Framed } from '../../../../ingest/sensors/hj212/framer.ts'
import { decodeSegment, type Packet } from '../../../../ingest/sensors/hj212/segment.ts'
import { segmentOf, VECTORS, type VectorName, wire } from './vectors.ts'

const names = Object.keys(VECTORS) as VectorName[]
const packetOf = (segment: string): Packet => {
  const packet = decodeSegment(segment)
  if (typeof packet === 'string') throw new Error(packet)
  return packet
}
function frames(bytes: Buffer): Framed[] {
  const framer = createFramer()
  framer.feed(bytes)
  const all: Framed[] = []
  for (let next = framer.next(); next; next = framer.next())
    all.push(next.kind === 'frame' ? { ...next, segment: Buffer.from(next.segment) } : next)
  return all
}

test('the two checksums of 123456789', () => {
  const digits = Buffer.from('123456789')
  expect(crcText(crcHj(digits))).toBe('2F80')
  expect(crcText(crcModbus(digits))).toBe('4B37')
})

test('the table gives what the bits give', () => {
  const bitwise = (bytes: Uint8Array) => {
    let register = 0xffff
    for (const byte of bytes) {
      register = (register >> 8) ^ byte
      for (let bit = 0; bit < 8; bit += 1) {
        const low = register & 1
        register >>= 1
        if (low) register ^= 0xa001
      }
    }
    return register
  }
  const every = Uint8Array.from({ length: 1_024 }, (_, n) => (n * 7 + (n >> 8)) & 0xff)
  expect(crcHj(every)).toBe(bitwise(every))
})

test('hex digits are read in both cases and refused otherwise', () => {
  expect(readCrc(Buffer.from('xA9c1'), 1)).toBe(0xa9c1)
  for (const text of ['A9C', 'A9CG', 'A9C@', 'A9C`', '    ', '-123'])
    expect(readCrc(Buffer.from(text), 0)).toBe(-1)
})

test.each(names)('vector %s is one frame with the length and checksum it says', (name) => {
  const [frame, ...rest] = frames(wire(name))
  expect(rest).toEqual([])
  expect(frame).toEqual({
    kind: 'frame',
    segment: Buffer.from(segmentOf(name)),
    crc: name === 'modbus' ? 'modbus' : 'hj',
    length: 'bytes',
  })
})

test.each(names)('vector %s is encoded to the same bytes', (name) => {
  expect(encodeFrame(segmentOf(name), name === 'modbus' ? 'modbus' : 'hj')).toEqual(wire(name))
})

test('the official sample has another MODBUS checksum, and vector 12 another HJ one', () => {
  expect(encodeFrame(segmentOf('official'), 'modbus').toString().slice(-6)).toBe('0759\r\n')
  expect(encodeFrame(segmentOf('modbus'), 'hj').toString().slice(-6)).toBe('2580\r\n')
})

test('a checksum in lower case is the same', () => {
  const lower = Buffer.from(VECTORS.of2005.replace(/A9C1$/, 'a9c1'))
  expect(frames(lower)).toMatchObject([{ kind: 'frame', crc: 'hj' }])
})

test('a packet of 2017 with all of its header', () => {
  expect(packetOf(segmentOf('part1of2'))).toEqual({
    qn: '20160801085857223',
    st: '22',
    cn: '2051',
    password: '123456',
    mn: '010000A8900016F000169DC0',
    flag: 7,
    part: { count: 2, no: 1 },
    fields: [
      { key: 'DataTime', value: '20160801085800' },
      { key: 'a34004-Min', value: '30.1' },
      { key: 'a34004-Avg', value: '35.2' },
      { key: 'a34004-Max', value: '40.8' },
      { key: 'a34004-Flag', value: 'N' },
    ],
    odd: [],
  } satisfies Packet)
})

test('a packet of 2005 has no QN and no Flag; Flag=7 without numbers is a whole packet', () => {
  expect(packetOf(segmentOf('of2005'))).toMatchObject({ qn: null, flag: null, part: null, odd: [] })
  expect(packetOf(segmentOf('typo'))).toMatchObject({ flag: 7, part: null, odd: [] })
  expect(packetOf(segmentOf('of2025')).flag).toBe(9)
})

test.each([
  ['Flag inside CP', 'ST=32;CN=2011;MN=A;CP=&&Flag=5;DataTime=1&&', { flag: 5, odd: ['flag_in_cp'] }],
  ['a Flag that is no number', 'CN=2011;MN=A;Flag=x;CP=&&&&', { flag: null, odd: ['bad_flag'] }],
  ['numbers that cannot be', 'CN=2051;MN=A;PNUM=2;PNO=3;CP=&&&&', { part: null, odd: ['bad_part'] }],
  ['half of the numbers', 'CN=2051;MN=A;PNUM=2;CP=&&&&', { part: null, odd: ['bad_part'] }],
  ['one of one', 'CN=2051;MN=A;PNUM=1;PNO=1;CP=&&&&', { part: null, odd: [] }],
  [
    'words without a value',
    'CN=2011;MN=A;CP=&&a-Rtd;;b-Rtd=1;=3&&',
    { fields: [{ key: 'b-Rtd', value: '1' }], odd: ['field_without_value'] },
  ],
  ['no parameters', 'CN=9015;MN=A', { cn: '9015', fields: [] }],
  ['no closing signs', 'CN=2011;MN=A;CP=a-Rtd=1', { fields: [{ key: 'a-Rtd', value: '1' }] }],
  ['a header in another case', 'cn=2011;mn=A;flag=4;CP=&&&&', { cn: '2011', mn: 'A', flag: 4 }],
  ['blanks', 'CN=2011; MN=A ;CP=&& a-Rtd = 1 &&', { mn: 'A', fields: [{ key: 'a-Rtd', value: '1' }] }],
  ['an unknown ST and CN', 'ST=43;CN=2099;MN=A;CP=&&&&', { st: '43', cn: '2099' }],
])('%s', (_, segment, expected) => {
  expect(packetOf(segment)).toMatchObject(expected)
})

test('a segment without owner or command, or with an endless header, is none', () => {
  expect(decodeSegment('CN=2011;CP=&&&&')).toBe('no_mn')
  expect(decodeSegment('MN=;CN=2011;CP=&&&&')).toBe('no_mn')
  expect(decodeSegment('MN=A;CP=&&CN=2011&&')).toBe('no_cn')
  expect(decodeSegment(`MN=A;CN=2011;PW=${'x'.repeat(65)};CP=&&&&`)).toBe('long_header')
  expect(decodeSegment('')).toBe('no_mn')
})

test('the answers are the vectors', () => {
  const request = (name: VectorName, password = '123456') => ({ ...packetOf(segmentOf(name)), password })
  expect(dataAnswer(request('nanograms'), 'hj')).toEqual(wire('dataAnswer'))
  expect(requestAnswer(request('official'), 1, 'hj')).toEqual(wire('requestAnswer'))
  expect(resultAnswer(request('official'), 1, 'hj')).toEqual(wire('resultAnswer'))
})

test('an answer has the version of its request, and its kind of checksum', () => {
  const answered = (flag: number | null) =>
    noticeAnswer({ qn: '1', mn: 'A', password: null, flag }, 'hj').toString()
  expect(answered(9)).toContain('QN=1;ST=91;CN=9013;MN=A;Flag=8;CP=&&&&')
  expect(answered(3)).toContain('Flag=0;')
  expect(answered(null)).toContain('Flag=0;')
  const modbus = dataAnswer(packetOf(segmentOf('modbus')), 'modbus')
  expect(frames(modbus)).toMatchObject([{ crc: 'modbus' }])
})

test('an answer is wanted by the D bit, or by the number of a packet without Flag', () => {
  const wanted = (flag: number | null, qn: string | null) => wantsAnswer({ flag, qn })
  expect([1, 5, 7, 9].map((flag) => wanted(flag, null))).toEqual([true, true, true, true])
  expect([0, 4, 6, 8].map((flag) => wanted(flag, '1'))).toEqual([false, false, false, false])
  expect([wanted(null, '1'), wanted(null, null)]).toEqual([true, false])
})

test('a frame has four digits of length', () => {
  expect(() => encodeFrame('x'.repeat(10_000))).toThrow('10000 bytes')
  expect(encodeFrame('é').toString().slice(0, 6)).toBe('##0002')
})

test('decoding takes back what encoding made of every vector', () => {
  for (const name of names) {
    const packet = packetOf(segmentOf(name))
    expect(packetOf(encodeSegment(packet))).toEqual(packet)
  }
  // The official grouping comes out again where the sender kept to it.
  for (const name of ['official', 'of2005', 'airStation', 'nanograms', 'siteDust', 'part1of2'] as const)
    expect(encodeSegment(packetOf(segmentOf(name)))).toBe(segmentOf(name))
})
