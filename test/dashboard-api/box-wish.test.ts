import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { listenForWish } from '../../dashboard-api/live/box-wish.ts'

function setUp() {
  const state = { now: 0 }
  const closed: number[] = []
  const line = Object.assign(new EventEmitter(), { close: (code: number) => void closed.push(code) })
  const wish = listenForWish(line as unknown as WebSocket, { now: () => state.now })
  const say = (text: string) => line.emit('message', Buffer.from(text), false)
  return { state, closed, wish, say, line }
}

describe('what a browser says on a live view', () => {
  test('is heard also when it came before there was anybody to hear it, and only when it changes', () => {
    const { wish, say, line } = setUp()
    const heard: boolean[] = []
    say('{"boxes":true}')
    wish.follow((wanted) => heard.push(wanted))
    say('{"boxes":true}')
    say('hello')
    line.emit('message', Buffer.from('{"boxes":false}'), true)
    say('{"boxes":false}')
    say('{"boxes":true}')
    expect(heard).toEqual([true, false, true])
  })

  test('is cut off when it is more than any person says', () => {
    const { state, closed, say, wish } = setUp()
    const heard: boolean[] = []
    wish.follow((wanted) => heard.push(wanted))
    const turn = (times: number) => {
      for (let n = 0; n < times; n++) say(`{"boxes":${n % 2 === 0}}`)
    }
    turn(120)
    expect([closed, heard.length]).toEqual([[], 120])
    state.now = 60_000
    turn(120)
    expect(closed).toEqual([])
    turn(1)
    expect(closed).toEqual([1008])
    expect(heard).toHaveLength(240)
  })
})
