import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createFanOut, type FanOut } from '../../adapters/live/fan-out.ts'
import { createRemoteLiveSource } from '../../adapters/live/remote.ts'
import type { LiveSource, LiveViewer } from '../../core/live.ts'
import { runScript, type ScriptRun } from '../support/child.ts'
import { frameOf, initOf, type LiveWorker, liveCamera, startLiveWorker } from '../support/live-child.ts'
import { recordingLog, recordingMetrics } from '../support/log.ts'
import { waitUntil } from '../support/wait-until.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (let last = stack.pop(); last; last = stack.pop()) await last[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(made: T): T => {
  stack.push(made)
  return made
}

interface Seen extends LiveViewer {
  readonly words: string[]
  readonly found: (number | null)[]
}

function viewer(): Seen {
  const words: string[] = []
  const found: (number | null)[] = []
  return {
    words,
    found,
    boxes: (boxes) => void found.push(boxes?.mediaMs ?? null),
    init: (bytes, mime) => void words.push(`${mime} ${Buffer.from(bytes)}`),
    fragment: (bytes, { key, capturedAt, mediaMs }) =>
      void words.push(`${key ? 'key' : 'delta'} ${Buffer.from(bytes)} ${capturedAt} ${mediaMs}`),
    ended: (reason) => void words.push(`ended: ${reason}`),
  }
}
const said = (index: number) => {
  const { key, capturedAt, mediaMs } = frameOf(index)
  return `${key ? 'key' : 'delta'} frame ${index} ${capturedAt} ${mediaMs}`
}
const CHILD = join(import.meta.dirname, '../support/live-child.ts')
const endpointOf = async (child: ScriptRun): Promise<LiveWorker['endpoint']> =>
  JSON.parse((await child.said('\n')).replace('endpoint ', ''))
const MIME = 'video/mp4; codecs="avc1.64001f"'

type Tuning = NonNullable<Parameters<typeof createRemoteLiveSource>[0]['tuning']>

/** The pages' server's side, with a lookup that the test turns. */
function remote(first: LiveWorker['endpoint'] | null, tuning: Tuning = {}) {
  const log = recordingLog()
  const metrics = recordingMetrics()
  const place = { endpoint: first }
  const source = kept(
    createRemoteLiveSource({
      lookup: async () => place.endpoint,
      ...{ clock: systemClock, log, metrics, tuning },
    }),
  )
  return { source, place, log, metrics }
}

const KINDS: Record<string, (worker: LiveWorker) => LiveSource> = {
  'in the same process': (worker) => worker.local,
  'of another process': (worker) => remote(worker.endpoint).source,
}

describe.each(Object.entries(KINDS))('live view %s', (_name, sourceOf) => {
  const setUp = async () => {
    const worker = kept(await startLiveWorker([liveCamera('yard'), liveCamera('blind-yard')]))
    const { feed, hub } = worker.hub('yard')
    return { worker, feed, hub, source: sourceOf(worker) }
  }

  test('a camera that nobody holds is null', async () => {
    const { source } = await setUp()
    expect(await source.open('nowhere', viewer())).toBeNull()
  })

  test('who comes late gets the init and the last GOP, then everything in order, with its facts', async () => {
    const { feed, source } = await setUp()
    feed.init(initOf(1))
    for (let index = 0; index < 8; index++) feed.fragment(frameOf(index))
    const first = viewer()
    await source.open('yard', first)
    await waitUntil('the GOP is there', () => first.words.length === 4)
    const second = viewer()
    await source.open('yard', second)
    for (let index = 8; index < 12; index++) feed.fragment(frameOf(index))
    const expected = [`${MIME} init 1`, ...[5, 6, 7, 8, 9, 10, 11].map(said)]
    await waitUntil('both have all', () => first.words.length === 8 && second.words.length === 8)
    expect(first.words).toEqual(expected)
    expect(second.words).toEqual(expected)
  })

  test('who leaves gets nothing more, and the others go on', async () => {
    const { feed, source } = await setUp()
    feed.init(initOf(1))
    feed.fragment(frameOf(0))
    const [stays, leaves] = [viewer(), viewer()]
    await source.open('yard', stays)
    const seat = await source.open('yard', leaves)
    await waitUntil('both began', () => leaves.words.length === 2 && stays.words.length === 2)
    seat?.[Symbol.dispose]()
    feed.fragment(frameOf(1))
    await waitUntil('who stays has it', () => stays.words.length === 3)
    expect(leaves.words).toHaveLength(2)
  })

  test('a viewer that throws is let go, and the others go on', async () => {
    const { feed, source } = await setUp()
    const broken: LiveViewer = {
      ...viewer(),
      init() {
        throw new Error('broken')
      },
    }
    const good = viewer()
    await source.open('yard', broken)
    await source.open('yard', good)
    feed.init(initOf(1))
    feed.fragment(frameOf(0))
    await waitUntil('the other has it', () => good.words.length === 2)
  })

  test('the end of a connection is told, and what follows begins with its own init and a key frame', async () => {
    const { feed, hub, source } = await setUp()
    feed.init(initOf(1))
    feed.fragment(frameOf(0))
    const seen = viewer()
    await source.open('yard', seen)
    await waitUntil('it began', () => seen.words.length === 2)
    feed.ended('the camera is away')
    await waitUntil('it was told', () => seen.words.length === 3)
    await waitUntil('somebody reads the hub again', () => hub.readers > 0)
    feed.init(initOf(2))
    feed.fragment(frameOf(3))
    feed.fragment(frameOf(5))
    await waitUntil('it goes on', () => seen.words.length === 5)
    expect(seen.words).toEqual([
      ...[`${MIME} init 1`, said(0), 'ended: the camera is away'],
      ...[`${MIME} init 2`, said(5)],
    ])
  })

  test('boxes are put together for nobody, until somebody asks, and for nobody who has not', async () => {
    const { worker, feed, source } = await setUp()
    const boxes = worker.boxes('yard')
    feed.init(initOf(1))
    feed.fragment(frameOf(0))
    const [asks, watches] = [viewer(), viewer()]
    const seat = await source.open('yard', asks)
    await source.open('yard', watches)
    await waitUntil('both began', () => asks.words.length === 2 && watches.words.length === 2)
    expect(boxes.wanted).toBe(false)
    seat?.wantBoxes(true)
    await waitUntil('they are wanted', () => boxes.wanted)
    boxes.tell({ mediaMs: 40, boxes: [] })
    feed.fragment(frameOf(1))
    await waitUntil('it has them', () => asks.found.length === 1)
    await waitUntil('the other has the picture after them', () => watches.words.length === 3)
    expect([asks.found, watches.found]).toEqual([[40], []])
    seat?.wantBoxes(false)
    await waitUntil('nobody wants them', () => !boxes.wanted)
    seat?.wantBoxes(true)
    await waitUntil('they are wanted again', () => boxes.wanted)
    seat?.[Symbol.dispose]()
    await waitUntil('nobody wants them after it has left', () => !boxes.wanted)
  })

  test('a camera whose pictures no model looks at says so to everybody who asks', async () => {
    const { worker, source } = await setUp()
    const { feed } = worker.hub('blind-yard')
    feed.init(initOf(1))
    feed.fragment(frameOf(0))
    const seen = [viewer(), viewer()]
    for (const each of seen) {
      const seat = await source.open('blind-yard', each)
      seat?.wantBoxes(true)
      await waitUntil('it is told', () => each.found.length === 1)
    }
    expect(seen.map(({ found }) => found)).toEqual([[null], [null]])
  })

  test('the newest picture comes with its time; null when there is none', async () => {
    const { source } = await setUp()
    const still = await source.still('yard')
    expect([Buffer.from(still?.jpeg ?? []).toString(), still?.capturedAt]).toEqual(['a jpeg', 1_000])
    expect(await source.still('nowhere')).toBeNull()
  })
})

describe('the fan-out of one camera', () => {
  const setUp = () => createFanOut({ camera: 'yard', log: recordingLog(), metrics: recordingMetrics() })
  const give = (fan: FanOut, index: number, bytes?: Buffer<ArrayBuffer>) => {
    const fragment = frameOf(index, bytes)
    fan.fragment(fragment.bytes, fragment)
  }

  test('a viewer begins anew at a key frame after each init', () => {
    const fan = setUp()
    const seen = viewer()
    fan.add(seen)
    fan.init(Buffer.from('init 1'), MIME)
    for (const index of [0, 1]) give(fan, index)
    fan.init(Buffer.from('init 2'), MIME)
    for (const index of [2, 5, 6]) give(fan, index)
    expect(seen.words).toEqual([
      ...[`${MIME} init 1`, said(0), said(1)],
      ...[`${MIME} init 2`, said(5), said(6)],
    ])
  })

  test('of a GOP too large to be kept a late viewer sees nothing; it begins at the next key frame', () => {
    const fan = setUp()
    fan.init(Buffer.from('init 1'), MIME)
    const large = Buffer.alloc(6 << 20)
    for (const index of [0, 1, 2, 3]) give(fan, index, large)
    const seen = viewer()
    fan.add(seen)
    for (const index of [4, 5]) give(fan, index)
    expect(seen.words).toEqual([`${MIME} init 1`, said(5)])
  })
})

describe('live view of another process', () => {
  const FAST: Tuning = { lingerMs: 200, checkMs: 50, silenceMs: 2_000 }

  test('all viewers share one line, which ends a while after the last has left', async () => {
    const worker = kept(await startLiveWorker([liveCamera('yard')]))
    const { feed, hub } = worker.hub('yard')
    feed.init(initOf(1))
    feed.fragment(frameOf(0))
    const { source } = remote(worker.endpoint, FAST)
    const seats = await Promise.all([1, 2, 3].map(() => source.open('yard', viewer())))
    expect(hub.readers).toBe(1)
    for (const seat of seats) seat?.[Symbol.dispose]()
    const back = viewer()
    const seat = await source.open('yard', back)
    expect(back.words, 'who comes back in time has a picture at once').toHaveLength(2)
    expect(hub.readers).toBe(1)
    seat?.[Symbol.dispose]()
    await waitUntil('nobody reads the hub', () => hub.readers === 0)
  })

  test('a camera that moved is followed, whether its former worker says so or not', async () => {
    const [a, b] = [
      kept(await startLiveWorker([liveCamera('yard')])),
      kept(await startLiveWorker([liveCamera('yard')])),
    ]
    for (const [worker, connection] of [[a, 1] as const, [b, 2] as const]) {
      worker.hub('yard').feed.init(initOf(connection))
      worker.hub('yard').feed.fragment(frameOf(0))
    }
    const { source, place } = remote(a.endpoint, FAST)
    const seen = viewer()
    const seat = await source.open('yard', seen)
    await waitUntil('the first shows it', () => seen.words.length === 2)
    // The former holder is stopped (SIGSTOP): it says nothing.
    place.endpoint = b.endpoint
    await waitUntil('the second shows it', () => seen.words.at(-2) === `${MIME} init 2`)
    expect(a.hub('yard').hub.readers).toBe(0)
    seat?.wantBoxes(true)
    await waitUntil('boxes are wanted there', () => b.boxes('yard').wanted)
    // And back, told by the one that lets it go.
    place.endpoint = a.endpoint
    b.letGo('yard')
    await waitUntil('the first shows it again', () => seen.words.at(-2) === `${MIME} init 1`)
    await waitUntil('boxes are wanted there again, unasked', () => a.boxes('yard').wanted)
  })

  test('a worker killed with kill -9: its viewers are told, and see the camera where it runs next', async () => {
    const child = runScript(CHILD, ['yard'])
    try {
      const endpoint = await endpointOf(child)
      const { source, place, metrics } = remote(endpoint, FAST)
      const seen = viewer()
      await source.open('yard', seen)
      await waitUntil('it shows the camera', () => seen.words.length > 5)
      child.kill()
      await waitUntil('the viewer is told', () => seen.words.at(-1)?.startsWith('ended: ') === true)
      place.endpoint = null
      expect(await source.open('yard', viewer())).toBeNull()
      const next = kept(await startLiveWorker([liveCamera('yard')]))
      next.hub('yard').feed.init(initOf(7))
      place.endpoint = next.endpoint
      await waitUntil('the viewer sees it again', () => seen.words.at(-1) === `${MIME} init 7`)
      expect(metrics.counts.get('live_upstream_failures_total{}')).toBeGreaterThan(0)
    } finally {
      child.kill()
    }
  })

  test('a worker that stands still (SIGSTOP) is given up after a while without a word', async () => {
    const child = runScript(CHILD, ['yard'])
    try {
      const { source } = remote(await endpointOf(child), { ...FAST, silenceMs: 300 })
      const seen = viewer()
      await source.open('yard', seen)
      await waitUntil('it shows the camera', () => seen.words.length > 5)
      process.kill(child.pid ?? 0, 'SIGSTOP')
      await waitUntil('the viewer is told', () => seen.words.at(-1) === 'ended: the worker is silent')
    } finally {
      child.kill()
    }
  })

  test('the secret is needed, and never in a log', async () => {
    const worker = kept(await startLiveWorker([liveCamera('yard')]))
    const { source, log } = remote({ ...worker.endpoint, secret: 'not-the-secret' })
    expect(await source.open('yard', viewer())).toBeNull()
    expect(await source.still('yard')).toBeNull()
    expect(worker.hub('yard').hub.readers).toBe(0)
    expect(log.lines.join('\n')).not.toContain('not-the-secret')
  })

  test('a worker that does not answer is no camera, and many who ask for its picture are one question', async () => {
    let asked = 0
    const worker = kept(
      await startLiveWorker([liveCamera('yard')], async () => {
        asked += 1
        await new Promise((resolve) => setTimeout(resolve, 50))
        return Buffer.from('slow')
      }),
    )
    const { source, place } = remote(worker.endpoint)
    const stills = await Promise.all([1, 2, 3, 4].map(() => source.still('yard')))
    expect(stills.map((still) => Buffer.from(still?.jpeg ?? []).toString())).toEqual(Array(4).fill('slow'))
    expect(asked).toBe(1)
    await worker[Symbol.asyncDispose]()
    place.endpoint = worker.endpoint
    expect(await source.open('yard', viewer())).toBeNull()
    expect(await source.still('yard')).toBeNull()
  })
})
