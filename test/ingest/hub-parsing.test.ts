import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SharpEyesError } from '../../core/errors.ts'
import { parseInit } from '../../ingest/hub/init-segment.ts'
import { moveDecodeTime, parseFragment } from '../../ingest/hub/movie-fragment.ts'
import { createSplitter } from '../../ingest/hub/splitter.ts'
import { box, fragment, HEVC_CONFIG, initSegment, u32 } from './mp4-builder.ts'

interface Piece {
  readonly kind: 'init' | 'fragment'
  readonly bytes: Buffer
  readonly moofSize: number
}

function split(chunks: Iterable<Uint8Array>): Piece[] {
  const pieces: Piece[] = []
  const splitter = createSplitter({
    init: (bytes) => void pieces.push({ kind: 'init', bytes, moofSize: 0 }),
    fragment: (bytes, moofSize) => void pieces.push({ kind: 'fragment', bytes, moofSize }),
  })
  for (const chunk of chunks) splitter.push(chunk)
  return pieces
}

function* chunked(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const track = parseInit(initSegment())
const moofOf = (bytes: Buffer) => bytes.readUInt32BE(0)

describe('the splitter', () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 6 })
  const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 })

  test('gives the same init and fragments however the bytes are chunked', () => {
    fc.assert(
      fc.property(payloads, sizes, (contents, chunkSizes) => {
        const init = initSegment()
        const fragments = contents.map((payload, i) => fragment({ payload, time: i }))
        const junk = [box('free', Buffer.from('x')), box('sidx'), box('styp', Buffer.from('msdh'))]
        const stream = Buffer.concat([init, ...fragments.flatMap((f, i) => [junk[i % 3] ?? f, f])])
        const pieces = split(chunked(stream, chunkSizes))
        expect(pieces.map(({ kind, bytes }) => [kind, bytes.toString('hex')])).toEqual([
          ['init', init.toString('hex')],
          ...fragments.map((bytes) => ['fragment', bytes.toString('hex')]),
        ])
        pieces.slice(1).forEach(({ bytes, moofSize }) => {
          expect(moofSize).toBe(moofOf(bytes))
        })
      }),
    )
  })

  test('garbage ends in a clear error or in nothing, never in a hang, a crash or a huge buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), sizes, (garbage, chunkSizes) => {
        try {
          split(chunked(Buffer.from(garbage), chunkSizes))
        } catch (error) {
          expect(error).toBeInstanceOf(SharpEyesError)
        }
      }),
    )
  })

  test('one damaged byte is an error with words, or changes only what it says', () => {
    const good = Buffer.concat([initSegment(), fragment(), fragment({ time: 512, key: false })])
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: good.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const bad = Buffer.from(good)
          bad[at] = (bad[at] ?? 0) ^ flip
          try {
            for (const { kind, bytes, moofSize } of split(chunked(bad, [37]))) {
              if (kind === 'init') parseInit(bytes)
              else parseFragment(bytes, moofSize, track)
            }
          } catch (error) {
            expect(error).toMatchObject({ code: 'camera_codec' })
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['a text', Buffer.from('hello, I am no film'), 'is no MP4: it begins with'],
    [
      'a film that is not fragmented',
      Buffer.concat([box('ftyp'), box('mdat', u32(1))]),
      '"mdat" without "moof"',
    ],
    ['a fragment first', fragment(), 'it begins with "moof"'],
    ['a fragment without moov', Buffer.concat([box('ftyp'), fragment()]), '"moof" before "moov"'],
    ['a moov of 2 GiB', Buffer.concat([box('ftyp'), u32(0x7fffffff), Buffer.from('moov')]), 'the limit is'],
    [
      'a box of a gigabyte',
      Buffer.concat([initSegment(), u32(0x40000000), Buffer.from('free')]),
      'the limit is',
    ],
    ['a box of 3 bytes', Buffer.concat([u32(3), Buffer.from('ftyp')]), 'of 3 bytes'],
  ])('%s is refused', (_what, bytes, words) => {
    expect(() => split([bytes])).toThrow(words)
  })

  test('a box with a 64-bit size is read', () => {
    const mdat = Buffer.concat([u32(1), Buffer.from('mdat'), u32(0, 16 + 5), Buffer.from('frame')])
    const moof = fragment().subarray(0, moofOf(fragment()))
    const [, piece] = split(chunked(Buffer.concat([initSegment(), moof, mdat]), [3]))
    expect(piece?.bytes.subarray(moof.length).equals(mdat)).toBe(true)
  })
})

describe('the init segment', () => {
  test.each([
    ['avc1', undefined, 'avc1.64001f'],
    ['avc3', undefined, 'avc3.64001f'],
    ['hvc1', box('hvcC', HEVC_CONFIG), 'hvc1.1.6.L93.B0'],
    ['hev1', box('hvcC', HEVC_CONFIG), 'hev1.1.6.L93.B0'],
  ])('%s is named as RFC 6381 has it', (entry, config, codec) => {
    const facts = parseInit(initSegment({ entry, ...(config ? { config } : {}) }))
    expect(facts).toMatchObject({ trackId: 7, codec, width: 640, height: 360, timescale: 12_800 })
  })

  test('64-bit headers are read', () => {
    expect(parseInit(initSegment({ long: true, timescale: 90_000 }))).toMatchObject({
      trackId: 7,
      timescale: 90_000,
    })
  })

  test.each([
    ['MPEG-4 part 2', initSegment({ entry: 'mp4v' }), 'takes H.264 and H.265'],
    ['no decoder configuration', initSegment({ config: null }), 'no SPS'],
    [
      'a configuration without SPS',
      initSegment({ config: box('avcC', Buffer.from([1, 100, 0, 31, 255, 0xe0, 0])) }),
      'no SPS',
    ],
    ['a clock without scale', initSegment({ timescale: 0 }), 'no scale'],
  ])('%s is refused', (_what, bytes, words) => {
    expect(() => parseInit(bytes)).toThrow(words)
  })
})

describe('a fragment', () => {
  test('says its time and whether it is a key frame, wherever the muxer put that', () => {
    const facts = {
      time: fc.integer({ min: 0, max: 2 ** 31 }),
      duration: fc.integer({ min: 0, max: 100_000 }),
      offset: fc.integer({ min: -5_000, max: 5_000 }),
      key: fc.boolean(),
      flagsIn: fc.constantFrom('trex', 'tfhd', 'trun-first', 'trun-sample' as const),
      durationIn: fc.constantFrom('trex', 'tfhd', 'trun' as const),
      longTime: fc.boolean(),
    }
    fc.assert(
      fc.property(fc.record(facts), (options) => {
        const defaults = { duration: options.duration, flags: options.key ? 0 : 0x10000 }
        const bytes = fragment(options)
        const read = parseFragment(bytes, moofOf(bytes), { ...track, defaults })
        expect(read).toMatchObject({
          decodeTime: options.time,
          compositionOffset: options.offset,
          duration: options.duration,
          key: options.key,
        })
        moveDecodeTime(bytes, read, options.time + 77)
        expect(parseFragment(bytes, moofOf(bytes), { ...track, defaults }).decodeTime).toBe(options.time + 77)
      }),
    )
  })

  test('with two frames, or of another track, is refused', () => {
    const two = fragment({ samples: 2 })
    expect(() => parseFragment(two, moofOf(two), track)).toThrow('holds 2 frames')
    const other = fragment({ track: 8 })
    expect(() => parseFragment(other, moofOf(other), track)).toThrow('without the video track')
  })
})
