import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import type { Attention, Frame } from '../../../core/frame.ts'
import type { MediaTools } from '../../../core/ports/media.ts'
import { decodeRecorded, type RecordedItem } from '../../../ingest/decode/recorded.ts'
import type { Fragment } from '../../../ingest/hub/fragment.ts'
import { corrupted, fragmentsOf, type Stream } from '../../support/fragments.ts'
import { testMediaTools } from '../../support/media-tools.ts'
import { makeNumberedFilm, type NumberedFilm } from '../../support/numbered-film.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const LIMIT = { timeout: 240_000 }
const GOP = 25
const SENTRY: Attention = { level: 'sentry', fps: 0, reason: 'test' }
const FULL: Attention = { level: 'full', fps: 25, reason: 'test' }

async function streamOf(film: Partial<NumberedFilm>): Promise<Stream> {
  await using folder = await tempFolder()
  const path = join(folder.path, 'film.mp4')
  await makeNumberedFilm({ path, frames: 5 * GOP, gop: GOP, ...film })
  return await fragmentsOf(path)
}

async function* itemsOf({ init }: Stream, fragments: readonly Fragment[]): AsyncGenerator<RecordedItem> {
  yield { kind: 'init', init }
  for (const fragment of fragments) yield { kind: 'fragment', fragment }
}

async function decode(
  stream: Stream,
  options: {
    readonly fragments?: readonly Fragment[]
    readonly wish?: Attention
    readonly mediaTools?: MediaTools
    readonly onFrame?: (frame: Frame) => Promise<void>
  } = {},
) {
  const frames: Frame[] = []
  const { damaged } = await decodeRecorded({
    ...{ camera: 'gate', clock: systemClock, width: 320, signal: new AbortController().signal },
    items: itemsOf(stream, options.fragments ?? stream.fragments),
    mediaTools: options.mediaTools ?? testMediaTools(),
    consumer: {
      watchers: 1,
      async onFrame(frame) {
        frames.push(frame)
        await options.onFrame?.(frame)
        return [options.wish ?? SENTRY]
      },
    },
  })
  return { damaged, indexes: frames.map(({ index }) => index) }
}
const keysOf = ({ fragments }: Stream) => fragments.filter(({ key }) => key)

describe('recorded pictures are decoded', () => {
  test.each([0, 2])(
    'with %i B-frames: every key frame comes, and none is called damaged',
    LIMIT,
    async (bFrames) => {
      const stream = await streamOf({ bFrames })
      const { damaged, indexes } = await decode(stream)
      expect(indexes).toEqual(keysOf(stream).map(({ index }) => index))
      expect(damaged).toEqual([])
    },
  )

  test.each([SENTRY, FULL])('a key frame that is damaged counts once ($level)', LIMIT, async (wish) => {
    const stream = await streamOf({ bFrames: 2 })
    const broken = keysOf(stream)[2]
    const fragments = stream.fragments.map((one) => (one === broken ? corrupted(one) : one))
    const { damaged, indexes } = await decode(stream, { fragments, wish })
    expect(damaged).toEqual([broken?.capturedAt])
    expect(indexes).not.toContain(broken?.index)
    expect(indexes).toContain(keysOf(stream)[4]?.index)
  })

  test('ffmpeg waits for slow rules: few decoded pictures are held, and none is lost', LIMIT, async () => {
    // It stands still: hundreds of such fragments are within the bound on what waits for ffmpeg.
    const stream = await streamOf({ frames: 120, gop: 40, thing: () => [0.4, 0.6, 0.6, 0.9] })
    let read = 0
    const tools = testMediaTools()
    const mediaTools: MediaTools = {
      spawn(tool, args, options) {
        const media = tools.spawn(tool, args, options)
        media.stdout.on('data', (chunk: Buffer) => {
          read += chunk.length
        })
        return media
      },
    }
    let most = 0
    let shown = 0
    const { indexes, damaged } = await decode(stream, {
      ...{ wish: FULL, mediaTools },
      async onFrame(frame) {
        shown += 1
        await systemClock.sleep(10)
        most = Math.max(most, read / frame.rgb.length - shown)
      },
    })
    // From the key frame on at which a decoder for the higher rate took over.
    expect(indexes.filter((index) => index >= 40)).toEqual(Array.from({ length: 80 }, (_, n) => 40 + n))
    expect(damaged).toEqual([])
    expect(most).toBeGreaterThan(2)
    expect(most).toBeLessThanOrEqual(9)
  })
})
