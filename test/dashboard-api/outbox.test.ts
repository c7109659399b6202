import { expect, test } from 'vitest'
import { createOutbox, type Line } from '../../dashboard-api/live/outbox.ts'

const MIB = 1024 * 1024

function setUp() {
  const state = { buffered: 0, now: 0, dropped: 0, tooSlow: 0, boxesDropped: 0 }
  const sent: string[] = []
  const line: Line = {
    send: (data) => sent.push(typeof data === 'string' ? data : Buffer.from(data).subarray(9).toString()),
    bufferedAmount: () => state.buffered,
    now: () => state.now,
    dropped: (count) => {
      state.dropped += count
    },
    boxesDropped: () => {
      state.boxesDropped += 1
    },
    tooSlow: () => {
      state.tooSlow += 1
    },
  }
  const outbox = createOutbox(line)
  const fragment = (text: string, key = false) => outbox.fragment(Buffer.from(text), { key, capturedAt: 1 })
  return { state, sent, outbox, fragment }
}

test('after a gap it goes on with a key frame', () => {
  const { state, sent, fragment } = setUp()
  fragment('k1', true)
  state.buffered = 3 * MIB
  fragment('a')
  fragment('k2', true)
  state.buffered = 0
  fragment('b')
  fragment('k3', true)
  fragment('c')
  expect(sent).toEqual(['k1', 'k3', 'c'])
  expect(state).toMatchObject({ dropped: 3, tooSlow: 0 })
})

test('more than 8 MiB or ten seconds behind is the end, once', () => {
  const full = setUp()
  full.state.buffered = 9 * MIB
  full.fragment('k', true)
  full.fragment('k', true)
  expect(full.state.tooSlow).toBe(1)

  const late = setUp()
  late.state.buffered = 3 * MIB
  late.fragment('k', true)
  late.state.now = 9_999
  late.fragment('k', true)
  expect(late.state.tooSlow).toBe(0)
  late.state.now = 10_000
  late.fragment('k', true)
  expect(late.state.tooSlow).toBe(1)
})

test('being behind for a moment twice is not being behind for long', () => {
  const { state, fragment } = setUp()
  state.buffered = 3 * MIB
  fragment('k', true)
  state.now = 9_000
  state.buffered = 0
  fragment('k', true)
  state.now = 18_000
  state.buffered = 3 * MIB
  fragment('k', true)
  expect(state.tooSlow).toBe(0)
})

test('boxes go with the pictures, and not to a viewer that is behind', () => {
  const { state, sent, outbox, fragment } = setUp()
  const found = { mediaMs: 40, boxes: [] }
  outbox.boxes(found)
  expect(sent, 'before its first picture').toEqual([])
  fragment('k1', true)
  outbox.boxes(found)
  state.buffered = MIB
  outbox.boxes(found)
  state.buffered = 3 * MIB
  fragment('a')
  state.buffered = 0
  outbox.boxes(found)
  expect(state.boxesDropped).toBe(3)
  // That none will come is said once, and never left out.
  outbox.boxes(null)
  fragment('k2', true)
  outbox.boxes(found)
  const word = '{"found":{"mediaMs":40,"boxes":[]}}'
  expect(sent).toEqual(['k1', word, '{"found":null}', 'k2', word])
})

test('a new initialization segment is announced, and a key frame must follow it', () => {
  const { sent, outbox, fragment } = setUp()
  outbox.init(Buffer.from('init'), { mime: 'video/mp4', width: 1280, height: 720 })
  fragment('a')
  fragment('k', true)
  expect(sent).toEqual(['{"mime":"video/mp4","width":1280,"height":720}', 'init', 'k'])
})
