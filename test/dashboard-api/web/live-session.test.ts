import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  FIRST_STEP,
  type LiveState,
  nextStep,
  worse,
} from '../../../dashboard-api/web/src/video/live-view.ts'

const VIDEO = join(import.meta.dirname, '../../../dashboard-api/web/src/video')
/** By its path: the module is a browser's, whose types this program does not have. */
const { openLive } = (await import(join(VIDEO, 'live-session.ts'))) as {
  readonly openLive: (
    url: string,
    makePlayer: () => typeof player,
    report: (state: LiveState) => void,
    whyRefused: () => Promise<null>,
  ) => { close(): void }
}

/** A browser's socket that a test plays by hand. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1
  static readonly all: FakeSocket[] = []
  binaryType = ''
  readonly readyState = 1
  constructor() {
    super()
    FakeSocket.all.push(this)
  }
  send() {}
  close() {}
  says(data: string | ArrayBuffer) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  closed(code: number) {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: 'full' }))
  }
}

const NO_ROOM = 4409
const player = { init() {}, fragment() {}, shownCapture: () => null, dropped: () => 0, close() {} }
const fragment = () => {
  const bytes = new DataView(new ArrayBuffer(10))
  bytes.setUint8(0, 2)
  return bytes.buffer
}

describe('a live view that there is no room for', () => {
  let hidden = false
  let page: EventTarget
  beforeEach(() => {
    vi.useFakeTimers()
    FakeSocket.all.length = 0
    hidden = false
    page = Object.defineProperty(new EventTarget(), 'hidden', { get: () => hidden })
    vi.stubGlobal('document', page)
    vi.stubGlobal('window', new EventTarget())
    vi.stubGlobal('WebSocket', FakeSocket)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
  const open = () => {
    const states: string[] = []
    const session = openLive(
      'ws://here/live',
      () => player,
      ({ kind }) => void states.push(kind),
      async () => null,
    )
    return { states, session }
  }
  const latest = () => FakeSocket.all.at(-1) as FakeSocket

  test('is tried again by itself, less and less often, and plays when there is room', () => {
    const { states, session } = open()
    const waits: number[] = []
    for (let n = 0; n < 6; n += 1) {
      latest().closed(NO_ROOM)
      const before = FakeSocket.all.length
      const from = Date.now()
      for (let ms = 0; ms < 200_000 && FakeSocket.all.length === before; ms += 100)
        vi.advanceTimersByTime(100)
      waits.push((Date.now() - from) / 1_000)
    }
    for (const [n, about] of [10, 20, 40, 80, 120, 120].entries()) {
      expect(waits[n]).toBeGreaterThanOrEqual(about * 0.8)
      expect(waits[n]).toBeLessThanOrEqual(about * 1.2 + 0.1)
    }
    expect(states).toEqual(['connecting', 'noRoom'])
    latest().says(JSON.stringify({ mime: 'video/mp2t' }))
    latest().says(fragment())
    expect(states).toEqual(['connecting', 'noRoom', 'playing'])
    session.close()
  })

  test('is not tried while nobody sees it, nor after it was left', () => {
    const { session } = open()
    hidden = true
    latest().closed(NO_ROOM)
    vi.advanceTimersByTime(600_000)
    expect(FakeSocket.all).toHaveLength(1)
    hidden = false
    page.dispatchEvent(new Event('visibilitychange'))
    expect(FakeSocket.all).toHaveLength(2)
    latest().closed(NO_ROOM)
    session.close()
    vi.advanceTimersByTime(600_000)
    expect(FakeSocket.all).toHaveLength(2)
  })
})

describe('what stands on the stage', () => {
  const stepAfter = (...states: LiveState[]) =>
    states.reduce((step, state) => nextStep(step, worse('mse', step.fallen), state), FIRST_STEP)
  const unplayable: LiveState = { kind: 'unplayable', mime: 'x' }
  const stalled: LiveState = { kind: 'stalled', reason: null, code: null }

  test('the next way when one does not play, stills where only these may be shown', () => {
    expect(stepAfter(unplayable)).toMatchObject({ fallen: 'mpeg1', waits: false })
    expect(stepAfter(unplayable, unplayable)).toMatchObject({ fallen: 'stills', waits: false })
    expect(stepAfter({ kind: 'masked' })).toMatchObject({ fallen: 'stills' })
  })
  test('stills until there is room, whatever a try says meanwhile; then the video', () => {
    const waiting = stepAfter(unplayable, { kind: 'noRoom' })
    expect(waiting).toMatchObject({ fallen: 'mpeg1', waits: true, state: { kind: 'noRoom' } })
    expect(stepAfter(unplayable, { kind: 'noRoom' }, stalled, { kind: 'connecting' })).toEqual(waiting)
    expect(stepAfter(unplayable, { kind: 'noRoom' }, { kind: 'playing' })).toEqual({
      ...{ fallen: 'mpeg1', waits: false, state: { kind: 'playing' } },
    })
    expect(stepAfter(unplayable, { kind: 'noRoom' }, unplayable)).toMatchObject({
      fallen: 'stills',
      waits: false,
    })
    const refused: LiveState = { kind: 'refused', reason: 'gone', code: 404 }
    expect(stepAfter(unplayable, { kind: 'noRoom' }, refused)).toMatchObject({ waits: false, state: refused })
  })
})
