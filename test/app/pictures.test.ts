import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  makeNext,
  type PictureMakerDeps,
  removePins,
  runPictureMaker,
} from '../../app/worker/picture-maker.ts'
import { cameraSchema } from '../../core/config/city.ts'
import type { EvidenceSource, Masker } from '../../core/ports/evidence.ts'
import type { MadePicture, PictureTask, PictureWork } from '../../core/ports/pictures.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { waitUntil } from '../support/wait-until.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const camera = (more: object = {}) =>
  cameraSchema.parse({
    id: 'yard',
    name: { zh: '院', en: 'Yard' },
    purpose: 'environment',
    url: 'yard.mp4',
    ...more,
  })
const task = (more: Partial<PictureTask> = {}): PictureTask => ({
  ...{ id: 'task-1', kind: 'clip', alertId: 'alert-1', camera: camera(), pinId: 'pin-1' },
  ...{ from: 1_000, to: 21_000, moment: 11_000, box: [0, 0, 1, 1], attempt: 1 },
  ...more,
})
const privacy = [
  [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
  ],
]

/** A maker whose every counterpart is told what to do, and what happened, in order. */
function setUp(
  tasks: readonly PictureTask[],
  more: { work?: Partial<PictureWork>; source?: Partial<EvidenceSource>; masker?: Partial<Masker> } = {},
) {
  const waiting = [...tasks]
  const events: string[] = []
  const done: MadePicture[][] = []
  const stored = new Map<string, string>()
  const metrics = recordingMetrics()
  const clock = { now: () => Date.now(), sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) }
  const deps: PictureMakerDeps = {
    worker: 'w1',
    workFolder: folder,
    ...{ clock, log: silentLog, metrics },
    work: {
      next: async () => waiting.shift() ?? null,
      done: async (_worker, id, made) => {
        events.push(`done ${id}`)
        done.push([...made])
      },
      failed: async (_worker, id, error, final) => void events.push(`failed ${id} ${final}: ${error}`),
      unneeded: async () => [],
      ...more.work,
    },
    source: {
      still: async () => ({ width: 2, height: 2, rgb: new Uint8Array(12), capturedAt: 11_040 }),
      pin: async () => undefined,
      unpin: async (pin) => void events.push(`unpin ${pin}`),
      pinned: async () => [],
      async clip({ path, from, to, pinId }) {
        events.push(`cut ${pinId}`)
        await writeFile(path, 'original')
        return { from, to, codec: 'hevc', width: 1280, height: 720 }
      },
      ...more.source,
    },
    masker: {
      still: async () => ({ jpeg: Buffer.from('masked jpeg'), method: 'heads@1' }),
      async clip({ target }) {
        events.push('mask')
        await writeFile(target, 'masked')
        return { method: 'heads@1' }
      },
      ...more.masker,
    },
    store: {
      async put(content) {
        const bytes = content instanceof Uint8Array ? Buffer.from(content) : await readFile(content.path)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        stored.set(sha256, bytes.toString('latin1'))
        return { sha256, bytes: bytes.length }
      },
    },
  }
  const shown = () =>
    done.flat().map(({ variant, sha256, mediaType, capturedAt, meta }) => ({
      ...{ variant, mediaType, capturedAt, meta },
      content: stored.get(sha256),
    }))
  return { deps, events, shown, metrics }
}
const signal = new AbortController().signal

describe('a clip', () => {
  test('is masked, its original sealed, both stored before it is called done, and the pin goes last', async () => {
    const { deps, events, shown } = setUp([task()])
    expect(await makeNext(deps, signal)).toBe(true)
    expect(await makeNext(deps, signal)).toBe(false)
    expect(events).toEqual(['cut pin-1', 'mask', 'done task-1', 'unpin pin-1'])
    const span = { from: '1970-01-01T00:00:01.000Z', to: '1970-01-01T00:00:21.000Z', method: 'heads@1' }
    const size = { width: 1280, height: 720 }
    expect(shown()).toEqual([
      {
        ...{ variant: 'masked', mediaType: 'video/mp4', capturedAt: 1_000, content: 'masked' },
        meta: { ...span, ...size, codec: 'h264' },
      },
      {
        ...{ variant: 'original', mediaType: 'video/mp4', capturedAt: 1_000, content: 'original' },
        meta: { ...span, ...size, codec: 'hevc' },
      },
    ])
    expect(await readdir(folder)).toEqual([])
  })

  test('of a camera with privacy polygons has no original', async () => {
    const { deps, shown } = setUp([task({ camera: camera({ privacy }) })])
    await makeNext(deps, signal)
    expect(shown().map(({ variant }) => variant)).toEqual(['masked'])
  })

  test('that nothing was pinned for is cut out of the ring', async () => {
    const { deps, events } = setUp([task({ pinId: null })])
    await makeNext(deps, signal)
    expect(events).toEqual(['cut task-1', 'mask', 'done task-1'])
  })

  test('that the ring no longer holds can never be made: said once and for all, and unpinned', async () => {
    const { deps, events } = setUp([task()], { source: { clip: async () => null } })
    expect(await makeNext(deps, signal)).toBe(true)
    expect(events).toEqual([
      'failed task-1 true: no clip of camera yard of 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:21.000Z: the recording does not cover it',
      'unpin pin-1',
    ])
  })

  test('of a kept recording is pinned again before it is cut', async () => {
    const pins: unknown[] = []
    const pin = async (...asked: unknown[]) => void pins.push(asked)
    const { deps, events } = setUp([task({ alertId: null })], { source: { pin } })
    await makeNext(deps, signal)
    expect(pins).toEqual([['pin-1', task().camera.id, 1_000, 21_000]])
    expect(events).toEqual(['cut pin-1', 'mask', 'done task-1', 'unpin pin-1'])
  })

  test('that failed otherwise may be tried again: its pin stays, and no half of it lies about', async () => {
    const { deps, events, metrics } = setUp([task()], {
      masker: {
        async clip({ target }) {
          await writeFile(target, 'half')
          throw new Error('ffmpeg broke')
        },
      },
    })
    await makeNext(deps, signal)
    expect(events).toEqual(['cut pin-1', 'failed task-1 false: ffmpeg broke'])
    expect(await readdir(folder)).toEqual([])
    expect(metrics.counts.get('picture_failures_total{kind=clip}')).toBe(1)
  })

  test('is not encoded again because its answer did not get through', async () => {
    let tries = 0
    const { deps, events } = setUp([task()], {
      work: {
        async done() {
          tries += 1
          if (tries < 4) throw new Error('the server is away')
        },
      },
    })
    await makeNext(deps, signal)
    expect(tries).toBe(4)
    expect(events).toEqual(['cut pin-1', 'mask', 'unpin pin-1'])
  })
})

describe('a still that was asked for', () => {
  const still = (more: object = {}) =>
    task({ kind: 'still', pinId: null, from: 11_000, to: 11_000, box: null, camera: camera(more) })

  test('is that of the moment, masked like any other, its original sealed', async () => {
    const asked: unknown[] = []
    const { deps, shown } = setUp([still()], {
      source: {
        async still(of, at) {
          asked.push(of, at)
          return { width: 2, height: 2, rgb: new Uint8Array(12), capturedAt: 11_040 }
        },
      },
    })
    await makeNext(deps, signal)
    expect(asked).toEqual(['yard', 11_000])
    const meta = { method: 'heads@1', width: 2, height: 2 }
    const [masked, original] = shown()
    expect(masked).toMatchObject({ variant: 'masked', mediaType: 'image/jpeg', capturedAt: 11_040, meta })
    expect(masked?.content).toBe('masked jpeg')
    expect(original).toMatchObject({ variant: 'original', capturedAt: 11_040, meta })
    expect(original?.content, 'a JPEG of its own').toMatch(/^\xff\xd8\xff/)
  })

  test('where nothing is masked there is no second copy', async () => {
    const { deps, shown } = setUp([still({ masking: { none: '演示' } })])
    await makeNext(deps, signal)
    expect(shown().map(({ variant }) => variant)).toEqual(['masked'])
  })
})

test('pins that nobody needs go, whatever their number', async () => {
  const pinned = Array.from({ length: 2_300 }, (_, n) => `pin-${n}`)
  const asked: number[] = []
  const { deps, events } = setUp([], {
    source: { pinned: async () => pinned },
    work: {
      async unneeded(_worker, pins) {
        asked.push(pins.length)
        return pins.filter((pin) => pin.endsWith('7'))
      },
    },
  })
  await removePins(deps)
  expect(asked).toEqual([1_000, 1_000, 300])
  expect(events).toEqual(pinned.filter((pin) => pin.endsWith('7')).map((pin) => `unpin ${pin}`))
})

test('a server that is away ends nobody: it is asked again until the worker stops', async () => {
  const stop = new AbortController()
  let asked = 0
  const { deps, events } = setUp([], {
    work: {
      async next() {
        asked += 1
        if (asked < 3) throw new Error('the server is away')
        return asked === 3 ? task() : null
      },
    },
  })
  const running = runPictureMaker(deps, stop.signal)
  await waitUntil('it was made', () => events.includes('unpin pin-1'))
  stop.abort()
  await running
})
