import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDamageWatch } from '../../../ingest/decode/damage.ts'
import { createFeeder, type Feed, REORDER_COMPANIONS } from '../../../ingest/decode/feeder.ts'
import type { Fragment } from '../../../ingest/hub/fragment.ts'

/** 25 fps, a key frame every `gop`; with `reorder` in the order P B B as an encoder sends it. */
function stream(count: number, gop: number, reorder = false): Fragment[] {
  const presentation = (index: number) => {
    const at = index % gop
    if (!reorder || at === 0) return index
    return at % 3 === 1 ? index + 2 : index - 1
  }
  return Array.from({ length: count }, (_, index) => ({
    ...{
      connection: 1,
      index,
      bytes: new Uint8Array(100),
      decodeTime: index,
      mediaMs: presentation(index) * 40,
    },
    ...{ key: index % gop === 0, arrivedAt: index * 40, capturedAt: index * 40, discontinuity: false },
    clock: { kind: 'arrival' as const, errorMs: 0 },
  }))
}

const indices = (feeds: readonly Feed[]) => feeds.map((feed) => feed.fragment.index)

describe('feeder', () => {
  it('feeds key frames in sentry, and with them what pushes them out where the stream reorders', () => {
    const plain = createFeeder()
    expect(stream(75, 25).flatMap((fragment) => indices(plain.offer(fragment)))).toEqual([0, 25, 50])
    const reordered = createFeeder()
    const fed = stream(75, 25, true).flatMap((fragment) => reordered.offer(fragment))
    expect(indices(fed)).toEqual([0, 1, 2, 3, 25, 26, 27, 28, 50, 51, 52, 53])
    expect(fed.filter((feed) => feed.wanted).map((feed) => feed.fragment.index)).toEqual([0, 25, 50])
    expect(REORDER_COMPANIONS).toBe(3)
  })

  it('does not decode a stream of key frames in full in sentry', () => {
    const feeder = createFeeder()
    expect(stream(50, 1).flatMap((fragment) => indices(feeder.offer(fragment)))).toEqual([0, 10, 20, 30, 40])
  })

  it('measures the longest way between key frames by the clock that did not jump', () => {
    const feeder = createFeeder()
    for (const fragment of stream(60, 50)) feeder.offer(fragment)
    expect(feeder.longestGopMs).toBe(2_000)
    feeder.reset()
    const [first, ...rest] = stream(10, 50)
    if (first) feeder.offer(first)
    // The first times of a connection can be garbled.
    for (const fragment of rest) feeder.offer({ ...fragment, mediaMs: fragment.mediaMs + 1e6 })
    expect(feeder.longestGopMs).toBe(360)
  })

  it('always has fed a prefix of each GOP, whatever is asked in between', () => {
    const act = fc.constantFrom('offer', 'offer', 'offer', 'full', 'sentry', 'restart', 'skip', 'companions')
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), fc.boolean(), (acts, reorder) => {
        const feeder = createFeeder()
        const source = stream(200, 12, reorder)
        let fed = new Set<number>()
        let next = 0
        const take = (feeds: readonly Feed[]) => {
          for (const { fragment } of feeds) {
            const start = fragment.index - (fragment.index % 12)
            for (let before = start; before < fragment.index; before++) expect(fed.has(before)).toBe(true)
            expect(fed.has(fragment.index)).toBe(false)
            fed.add(fragment.index)
          }
        }
        for (const what of acts) {
          const fragment = source[next]
          if (what === 'offer' && fragment) {
            next++
            const feeds = feeder.offer(fragment)
            take(feeds)
          } else if (what === 'full' || what === 'sentry') take(feeder.setLevel(what))
          else if (what === 'skip') feeder.skipToKey()
          else if (what === 'companions') feeder.needCompanions()
          else if (what === 'restart') {
            fed = new Set()
            take(feeder.restart())
          }
        }
      }),
    )
  })
})

describe('damage watch', () => {
  it('trusts nothing from the first sign on, until a key frame that went in after the last sign', () => {
    const watch = createDamageWatch()
    expect(watch.sound(0, true)).toBe(true)
    watch.sign(3)
    expect(watch.sound(2, true)).toBe(false)
    expect(watch.sound(3, false)).toBe(false)
    expect(watch.sound(4, true)).toBe(true)
    expect(watch.sound(5, false)).toBe(true)
  })
})
