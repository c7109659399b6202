import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CRC, crcText } from '../../../../ingest/sensors/hj212/crc.ts'
import { encodeFrame, encodeSegment } from '../../../../ingest/sensors/hj212/encode.ts'
import { createFramer, type Framed, type Framer } from '../../../../ingest/sensors/hj212/framer.ts'
import { decodeSegment } from '../../../../ingest/sensors/hj212/segment.ts'
import { segmentOf, VECTORS, type VectorName, wire } from './vectors.ts'

type Seen = string | { readonly refused: string }

function drain(framer: Framer): Seen[] {
  const seen: Seen[] = []
  for (let next: Framed | null = framer.next(); next; next = framer.next())
    seen.push(next.kind === 'frame' ? next.segment.toString('utf8') : { refused: next.why })
  return seen
}
/** What comes out of `chunks`, one after the other. */
function through(chunks: readonly Buffer[], framer = createFramer()): Seen[] {
  return chunks.flatMap((chunk) => {
    framer.feed(Buffer.from(chunk))
    return drain(framer)
  })
}
const segments = (seen: readonly Seen[]) => seen.filter((one) => typeof one === 'string')
const split = (bytes: Buffer, at: readonly number[]) => {
  const cuts = [0, ...at.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return cuts.slice(1).map((to, index) => bytes.subarray(cuts[index], to))
}
const bytesOf = (bytes: Buffer) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
const good = (['official', 'of2005', 'siteDust', 'zeros', 'dataAnswer'] as const).map(segmentOf)
const frameOf = (segment: string) => encodeFrame(segment)

const anyVector = fc.constantFrom(...(Object.keys(VECTORS) as VectorName[]))
/** Noise that is likely to look like the beginning of a frame. Eight hash signs and digits never make a whole one. */
const noise = fc
  .array(fc.constantFrom('#', '##', '0', '9', '\r', '\n', '&&', 'A', '##0123', '##9999', '##0000', '\xff'), {
    maxLength: 30,
  })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))

test('packets one behind the other, each with its own end of line', () => {
  const text = good.map((segment, index) => {
    const frame = frameOf(segment).toString().trimEnd()
    return frame + ['\r\n', '\n', '', '\r\n\r\n', '\r'][index]
  })
  const framer = createFramer()
  expect(through([Buffer.from(text.join(''))], framer)).toEqual(good)
  expect(framer.skipped).toBe(0)
})

test('any split of the stream gives the same packets and the same refusals', () => {
  const pieces = fc.array(fc.oneof(anyVector.map(wire), noise), { maxLength: 8 })
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(), { maxLength: 20 }), (parts, cuts) => {
      const bytes = Buffer.concat(parts)
      const whole = createFramer()
      const cut = createFramer()
      const once = through([bytes], whole)
      expect(through(split(bytes, cuts), cut)).toEqual(once)
      expect(cut.skipped).toBe(whole.skipped)
      expect(through(bytesOf(bytes))).toEqual(once)
    }),
    { numRuns: 300 },
  )
})

test('noise between frames costs no frame', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, anyVector), { maxLength: 6 }), (parts) => {
      const bytes = Buffer.concat(parts.flatMap(([before, name]) => [before, wire(name)]))
      const expected = parts.map(([, name]) => segmentOf(name))
      // Noise may be a frame by itself (`##0000` with the right four digits): never one of ours less.
      expect(segments(through([bytes])).filter((segment) => segment !== '')).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('a length that would swallow the next packets swallows none', () => {
  const wrong = frameOf(segmentOf('siteDust')).toString().replace('##0239', '##0999')
  const bytes = Buffer.from(wrong + VECTORS.official + VECTORS.zeros)
  const expected = [{ refused: 'cut' }, segmentOf('official'), segmentOf('zeros')]
  expect(through([bytes])).toEqual(expected)
  expect(through(bytesOf(bytes))).toEqual(expected)
})

test('the packet after one with a wrong length is there as soon as it is complete', () => {
  const framer = createFramer()
  expect(through([Buffer.from('##0999QN=20160801085857223;ST=32\r\n')], framer)).toEqual([])
  expect(through([Buffer.from(VECTORS.official)], framer)).toEqual([
    { refused: 'cut' },
    segmentOf('official'),
  ])
})

test('a length that is too short, a wrong checksum and a broken header cost one packet each', () => {
  const short = VECTORS.siteDust.replace('##0239', '##0238')
  const flipped = VECTORS.siteDust.replace('ST=39', 'ST=38')
  const header = VECTORS.siteDust.replace('##0239', '##O239')
  for (const [bad, refusals] of [
    [short, [{ refused: 'crc' }]],
    [flipped, [{ refused: 'crc' }]],
    [header, []],
  ] as const) {
    const framer = createFramer()
    const seen = through([Buffer.from(`${bad}\r\n${VECTORS.official}\r\n`)], framer)
    expect(seen).toEqual([...refusals, segmentOf('official')])
    expect(framer.skipped).toBe(bad.length + '\r\n'.length)
  }
})

test('a frame whose end is lost, with the checksum of the next behind it', () => {
  const bytes = Buffer.from(VECTORS.siteDust.slice(0, -3) + VECTORS.official)
  expect(segments(through([bytes]))).toEqual([segmentOf('official')])
})

/** The segment with its length in characters, its checksum over the bytes. */
function inCharacters(segment: string): Buffer {
  const bytes = Buffer.from(segment)
  const length = String([...segment].length).padStart(4, '0')
  return Buffer.from(`##${length}${segment}${crcText(CRC.hj(bytes))}\r\n`)
}
const CHINESE = 'QN=1;ST=22;CN=3020;MN=T;Flag=9;CP=&&DataTime=20260101000000;i11001-Info=//监测仪 𠮷 故障//&&'

test('a length in bytes (2025), and one in characters', () => {
  for (const frame of [encodeFrame(CHINESE), inCharacters(CHINESE)]) {
    const bytes = Buffer.concat([frame, wire('official'), frame, frame])
    const expected = [CHINESE, segmentOf('official'), CHINESE, CHINESE]
    expect(through([bytes])).toEqual(expected)
    expect(through(bytesOf(bytes))).toEqual(expected)
  }
  const framer = createFramer()
  framer.feed(Buffer.concat([encodeFrame(CHINESE), inCharacters(CHINESE)]))
  expect([framer.next(), framer.next()].map((one) => one?.kind === 'frame' && one.length)).toEqual([
    'bytes',
    'characters',
  ])
})

test('a frame whose last character has several bytes, in characters', () => {
  const bytes = Buffer.concat([inCharacters('MN=T;CN=1;CP=&&a=气'), wire('zeros')])
  expect(through(bytesOf(bytes))).toEqual(['MN=T;CN=1;CP=&&a=气', segmentOf('zeros')])
})

test('damaged characters cost no other packet', () => {
  const bad = encodeFrame(CHINESE)
  bad[20] = 0xff
  const bytes = Buffer.concat([bad, wire('official'), bad, bad, wire('zeros')])
  expect(segments(through([bytes]))).toEqual([segmentOf('official'), segmentOf('zeros')])
  expect(through(bytesOf(bytes))).toEqual(through([bytes]))
})

test('what is over the limit is refused at its header, and nothing of it is held', () => {
  const framer = createFramer(300)
  const long = encodeFrame('x'.repeat(400))
  const seen = through([long, wire('official')], framer)
  expect(seen).toEqual([{ refused: 'too_long' }, segmentOf('official')])
  expect(framer.held).toBe(0)
  // A segment over the standard's 1,024 is none of the framer's business.
  expect(through([encodeFrame('x'.repeat(9_999))])).toEqual(['x'.repeat(9_999)])
})

test('never more than a frame is held, whatever comes', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
    noise,
    anyVector.map(wire),
    fc.constant(Buffer.from('##9999')),
    fc.constant(Buffer.from('#'.repeat(1_000))),
    fc.constant(Buffer.from('##0999'.repeat(100))),
  )
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 30 }), (chunks) => {
      const framer = createFramer(2_000)
      for (const chunk of chunks) {
        through([chunk], framer)
        expect(framer.held).toBeLessThan(2_000)
      }
    }),
    { numRuns: 300 },
  )
})

test('a chunk is not kept when its frames are out', () => {
  const framer = createFramer()
  const chunk = Buffer.concat([wire('official'), Buffer.from(VECTORS.zeros.slice(0, 40))])
  framer.feed(chunk)
  expect(drain(framer)).toEqual([segmentOf('official')])
  chunk.fill(0x58) // the socket uses its memory again
  framer.feed(Buffer.from(VECTORS.zeros.slice(40)))
  expect(drain(framer)).toEqual([segmentOf('zeros')])
})

test('decoding takes back what was encoded', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/)
  const text = fc.stringMatching(/^[^;,=&#\s\p{C}]{1,20}$/u).filter((value) => value === value.trim())
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null })
  const packet = fc.record({
    qn: maybe(word),
    st: maybe(word),
    cn: word,
    password: maybe(word),
    mn: word,
    flag: maybe(fc.nat(255)),
    part: maybe(
      fc
        .tuple(fc.integer({ min: 2, max: 9_999 }), fc.nat())
        .map(([count, no]) => ({ count, no: (no % count) + 1 })),
    ),
    fields: fc.array(fc.record({ key: word.filter((key) => key !== 'Flag'), value: text }), {
      maxLength: 12,
    }),
  })
  fc.assert(
    fc.property(packet, (one) => {
      const [segment] = through(bytesOf(encodeFrame(encodeSegment(one))))
      expect(decodeSegment(String(segment))).toEqual({ ...one, odd: [] })
    }),
    { numRuns: 200 },
  )
})
