import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { MediaProcess, MediaTools } from '../../core/ports/media.ts'
import { startCamera } from '../../ingest/supervise/start-camera.ts'
import type { CameraState } from '../../ingest/supervise/state.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { fragment, initSegment } from './mp4-builder.ts'

/** A process that a test plays by hand. */
class FakeProcess extends EventEmitter implements MediaProcess {
  readonly pid = 1
  readonly stdin = null
  readonly stdout = new PassThrough()
  readonly args: readonly string[]
  stopped = 0
  lines: string[] = []
  readonly exited: Promise<{ code: number | null; signal: string | null }>

  constructor(args: readonly string[]) {
    super()
    this.args = args
    this.exited = new Promise((resolve) => this.once('exit', (code) => resolve({ code, signal: null })))
  }
  onStderr() {}
  lastLines() {
    return this.lines
  }
  exit(code: number, ...lines: string[]) {
    this.lines = lines
    this.emit('exit', code)
  }
  async stop() {
    this.stopped++
    this.emit('exit', 255)
  }
}

/** Lets time pass in small steps, and what it wakes do its work. */
async function pass(clock: ReturnType<typeof manualClock>, ms: number): Promise<void> {
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  for (let left = ms; left > 0; left -= 100) {
    for (let i = 0; i < 4; i++) await settle()
    clock.advance(Math.min(100, left))
  }
  for (let i = 0; i < 4; i++) await settle()
}

function setUp() {
  const clock = manualClock(0)
  const children: FakeProcess[] = []
  const states: CameraState[] = []
  const mediaTools: MediaTools = {
    spawn(_tool, args) {
      const alive = children.filter((child) => child.listenerCount('exit') > 0)
      expect(alive).toHaveLength(0) // one connection a camera
      const child = new FakeProcess(args)
      children.push(child)
      return child
    },
  }
  const camera = startCamera({
    camera: { id: 'gate', url: 'rtsp://10.0.0.8/x' },
    mediaTools,
    clock,
    log: silentLog,
    metrics: recordingMetrics(),
    onState: (state) => void states.push(state),
    random: () => 0.5,
  })
  const latest = () => {
    const child = children.at(-1)
    if (!child) throw new Error('no process yet')
    return child
  }
  return { clock, children, states, camera, latest }
}

const frame = (i: number) => fragment({ time: i * 512, key: i % 25 === 0 })

describe('the supervisor', () => {
  test('ends a silent connection after 6 s and connects again 1 s later', async () => {
    const { clock, children, states, camera, latest } = setUp()
    await pass(clock, 500)
    latest().stdout.write(initSegment())
    latest().stdout.write(frame(0))
    await pass(clock, 5_900)
    expect(camera.state.state).toBe('online')
    await pass(clock, 200)
    expect(camera.state).toMatchObject({ state: 'stalled', code: 'camera_stalled', since: 500 })
    expect(children[0]?.stopped).toBe(1)
    await pass(clock, 1_000)
    expect(children).toHaveLength(2)
    // No first picture either: 12 s are given to it.
    await pass(clock, 12_500)
    expect(camera.state).toMatchObject({ state: 'offline', since: 500 })
    expect(states.map((s) => s.state)).toEqual(['online', 'stalled', 'offline'])
    await camera.stop()
    expect(children.every((child) => child.stopped > 0)).toBe(true)
  })

  test('looks longer at a stream that does not say its parameters, and goes on so when that helped', async () => {
    const { clock, children, camera, latest } = setUp()
    const probesize = () => latest().args[latest().args.indexOf('-probesize') + 1]
    await pass(clock, 10)
    expect(probesize()).toBe('32768')
    latest().exit(1, '[mp4 @ 0x55] dimensions not set')
    await pass(clock, 1_100)
    expect(camera.state.code).toBe('camera_codec')
    expect(probesize()).toBe('8000000')
    latest().stdout.write(initSegment())
    latest().stdout.write(frame(0))
    await pass(clock, 100)
    expect(camera.state.state).toBe('online')
    latest().exit(0)
    await pass(clock, 2_100)
    expect(children).toHaveLength(3)
    expect(probesize()).toBe('8000000')
    await camera.stop()
  })

  test('connects anew when the camera sets its clock back, which ffmpeg shows as time that stands', async () => {
    const { clock, camera, latest } = setUp()
    await pass(clock, 10)
    latest().stdout.write(initSegment())
    for (let i = 0; i < 250; i++) {
      latest().stdout.write(frame(i))
      await pass(clock, 40)
    }
    expect(camera.state.state).toBe('online')
    for (let i = 0; i < 250 && camera.state.state === 'online'; i++) {
      latest().stdout.write(fragment({ time: 250 * 512 + i, key: i % 25 === 0 }))
      await pass(clock, 100)
    }
    expect(camera.state).toMatchObject({
      state: 'stalled',
      problem: expect.stringContaining('late by its own clock'),
    })
    await camera.stop()
  })

  test('gives up bytes that are no fragmented MP4, with the camera named', async () => {
    const { clock, camera, latest } = setUp()
    await pass(clock, 10)
    latest().stdout.write('this is no MP4')
    await pass(clock, 10)
    expect(camera.state).toMatchObject({ state: 'offline', code: 'camera_codec' })
    expect(camera.state.problem).toContain('camera gate: the stream is no MP4')
    await camera.stop()
  })

  test('stops while it waits to try again', async () => {
    const { clock, children, camera, latest } = setUp()
    await pass(clock, 10)
    latest().exit(0)
    await pass(clock, 100)
    await camera.stop()
    await pass(clock, 120_000)
    expect(children).toHaveLength(1)
  })
})
