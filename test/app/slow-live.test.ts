import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createMpeg1Starter } from '../../adapters/mpeg1/muxer.ts'
import { createSlowLive } from '../../app/worker/slow-live.ts'
import { MPEG1_MIME } from '../../app/worker/transcode.ts'
import type { LiveViewer, Mpeg1Process } from '../../core/live.ts'
import { createHub, type HubEnds } from '../../ingest/hub/hub.ts'
import { testFilm } from '../support/films.ts'
import { fragmentsOf, type Stream } from '../support/fragments.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { missingService, onPath } from '../support/services.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

const clock = systemClock

interface Seen extends LiveViewer {
  readonly mimes: string[]
  readonly chunks: { readonly bytes: Uint8Array; readonly key: boolean; readonly capturedAt: number }[]
  readonly ends: { readonly reason: string; readonly code: string | undefined }[]
}

function viewer(): Seen {
  const seen: Seen = {
    mimes: [],
    chunks: [],
    ends: [],
    init: (_bytes, mime) => void seen.mimes.push(mime),
    fragment: (bytes, facts) => void seen.chunks.push({ bytes, ...facts }),
    ended: (reason, code) => void seen.ends.push({ reason, code }),
  }
  return seen
}

const hubOf = (camera: string): HubEnds => createHub({ camera, log: silentLog, metrics: recordingMetrics() })

describe.skipIf(missingService('ffmpeg', onPath('ffmpeg')))(
  'a camera in H.265 for browsers without it',
  () => {
    let stream: Stream
    let folder: Awaited<ReturnType<typeof tempFolder>>
    const started: Mpeg1Process[] = []
    beforeAll(async () => {
      stream = await fragmentsOf(await testFilm({ codec: 'h265', width: 640, height: 360, seconds: 4 }))
      folder = await tempFolder()
    }, 120_000)
    afterAll(() => folder[Symbol.asyncDispose]())

    const slowLive = (most: number) => {
      const start = createMpeg1Starter({ folder: folder.path })
      const metrics = recordingMetrics()
      const slow = createSlowLive({
        ...{ most, clock, log: silentLog, metrics },
        start: () => {
          const encoder = start()
          started.push(encoder)
          return encoder
        },
      })
      return { slow, metrics }
    }
    /** In the time of the film, from now on. */
    const play = async ({ feed }: HubEnds, until: () => boolean): Promise<void> => {
      const from = Date.now()
      for (const fragment of stream.fragments) {
        if (until()) return
        await delay(Math.max(0, from + fragment.mediaMs - Date.now()))
        feed.fragment({ ...fragment, capturedAt: from + fragment.mediaMs, arrivedAt: Date.now() })
      }
    }

    it('is encoded once for all who look, from a key frame on, with the times of its pictures', async () => {
      const { slow } = slowLive(2)
      const hub = hubOf('yard')
      hub.feed.init(stream.init)
      const [first, second] = [viewer(), viewer()]
      const delays: number[] = []
      const before = started.length
      using _one = slow.join(hub.hub, {
        ...first,
        fragment(bytes, facts) {
          first.fragment(bytes, facts)
          delays.push(Date.now() - facts.capturedAt)
        },
      })
      let late: Disposable | null = null
      await play(hub, () => {
        if (!late && first.chunks.length > 20) late = slow.join(hub.hub, second)
        return second.chunks.length > 20
      })
      expect(started.length - before).toBe(1)
      expect(first.mimes).toEqual([MPEG1_MIME])
      for (const seen of [first, second]) {
        expect(seen.chunks.length).toBeGreaterThan(20)
        expect(seen.chunks[0]?.key).toBe(true)
        for (const { bytes } of seen.chunks) expect([bytes.length % 188, bytes[0]]).toEqual([0, 0x47])
      }
      // Capture times are those of pictures that went in, go on only, and are as old as encoding takes: never from the future.
      const times = first.chunks.map(({ capturedAt }) => capturedAt)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
      const sorted = delays.toSorted((a, b) => a - b)
      console.info(
        `from capture to MPEG-1: median ${sorted[sorted.length >> 1]} ms, cores ${slow.facts().cores}`,
      )
      expect(sorted[sorted.length >> 1]).toBeLessThan(2_000)
      await slow.stop()
      await started.at(-1)?.exited
      expect(existsSync(`/proc/${started.at(-1)?.pid}`)).toBe(false)
      ;(late as Disposable | null)?.[Symbol.dispose]()
    })

    it('is refused with its reason when the worker makes as many as it may', async () => {
      const { slow, metrics } = slowLive(1)
      const [a, b] = [hubOf('a'), hubOf('b')]
      const [watching, refused] = [viewer(), viewer()]
      const seat = slow.join(a.hub, watching)
      slow.join(b.hub, refused)
      expect(refused.ends).toEqual([
        { reason: 'this worker makes 1 small videos already', code: 'too_many_requests' },
      ])
      expect(slow.facts()).toMatchObject({ running: 1, most: 1 })
      expect(metrics.counts.get('live_transcodes_refused_total{}')).toBe(1)
      // Whom nobody looks at any more makes room at once.
      seat[Symbol.dispose]()
      const next = viewer()
      slow.join(b.hub, next)
      expect(next.ends).toEqual([])
      await slow.stop()
    })

    it('goes on after its encoder was killed', async () => {
      const { slow, metrics } = slowLive(1)
      const hub = hubOf('yard')
      hub.feed.init(stream.init)
      const seen = viewer()
      using _seat = slow.join(hub.hub, seen)
      await play(hub, () => seen.chunks.length > 5)
      const { pid } = started.at(-1) as Mpeg1Process
      process.kill(pid as number, 'SIGKILL')
      await waitUntil('the viewer is told', () => seen.ends.length === 1)
      const before = seen.chunks.length
      const feeding = play(hub, () => seen.chunks.length > before + 5)
      await waitUntil('it plays again', () => seen.chunks.length > before, 15_000)
      await feeding
      expect(seen.mimes).toHaveLength(2)
      expect(metrics.counts.get('live_transcode_restarts_total{}')).toBe(1)
      await slow.stop()
    })

    it('whose ffmpeg is missing tells the viewer, and the worker lives', async () => {
      const slow = createSlowLive({
        ...{ most: 1, clock, log: silentLog, metrics: recordingMetrics() },
        start: createMpeg1Starter({ folder: folder.path, ffmpeg: '/nowhere/ffmpeg' }),
      })
      const hub = hubOf('yard')
      hub.feed.init(stream.init)
      const seen = viewer()
      using _seat = slow.join(hub.hub, seen)
      await delay(1_000)
      expect(seen.chunks).toEqual([])
      await slow.stop()
    })
  },
)
