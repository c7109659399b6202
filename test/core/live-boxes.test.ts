import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Track } from '../../core/frame.ts'
import { foundText, liveBoxesOf, readAsked, readFound } from '../../core/live-boxes.ts'

const NOW = 4_000
const track = (more: Partial<Track> = {}): Track => ({
  ...{ id: 7, label: 'vehicle', box: [0.1, 0.2, 0.3, 0.4], score: 0.8, medianScore: 0.7 },
  ...{ firstSeenMs: 0, lastSeenMs: NOW, stillSinceMs: null, hits: 5 },
  ...more,
})
const at = { mediaMs: 90_040, nowMs: NOW }
const labels = (tracks: readonly Track[], points = {}) =>
  liveBoxesOf(tracks, at, points).boxes.map(({ label }) => label)

describe('the boxes of a live picture', () => {
  test('say what, how sure, where, and whether it stands; nothing that tells one thing from another', () => {
    const still = track({ score: 0.912_345, box: [-0.01, 0.123_456, 0.5, 1.2], stillSinceMs: 1_000 })
    expect(liveBoxesOf([track(), still], at)).toEqual({
      mediaMs: 90_040,
      boxes: [
        { label: 'vehicle', score: 0.9123, box: [0, 0.1235, 0.5, 1], still: true },
        { label: 'vehicle', score: 0.8, box: [0.1, 0.2, 0.3, 0.4], still: false },
      ],
    })
  })

  test('are of what this very picture shows: a thing out of sight has none', () => {
    expect(labels([track({ lastSeenMs: NOW - 200 })])).toEqual([])
  })

  test('leave out what does not count as found, by the score that the model names for its label', () => {
    const weak = track({ label: 'smoke', medianScore: 0.3 })
    expect(labels([weak])).toEqual([])
    expect(labels([weak], { smoke: 0.25 })).toEqual(['smoke'])
    expect(labels([track({ medianScore: 0.5 })], { vehicle: 0.6 })).toEqual([])
  })

  test('never point at a face or a head', () => {
    const all = ['head', 'face', 'face_masked', 'face_bare', 'face_mask_incorrect', 'person']
    expect(labels(all.map((label) => track({ label })))).toEqual(['person'])
  })

  test('are at most fifty, the surest', () => {
    const many = Array.from({ length: 80 }, (_, n) => track({ score: n / 100 }))
    const { boxes } = liveBoxesOf(many, at)
    expect(boxes).toHaveLength(50)
    expect([boxes[0]?.score, boxes.at(-1)?.score]).toEqual([0.79, 0.3])
  })
})

describe('the words of the live socket about boxes', () => {
  test('are read as they were written', () => {
    const found = liveBoxesOf([track(), track({ stillSinceMs: 3 })], at)
    for (const each of [found, { mediaMs: 0, boxes: [] }, null]) {
      expect(readFound(JSON.parse(foundText(each)))).toEqual(each)
    }
    expect(['{"boxes":true}', '{"boxes":false}'].map(readAsked)).toEqual([true, false])
  })

  test('anything else is no such word, and nothing throws', () => {
    const box = { label: 'vehicle', score: 0.5, box: [0, 0, 1, 1], still: false }
    const broken = [
      { label: 7 },
      { score: 1.1 },
      { score: '0.5' },
      { box: [0, 0, 1] },
      { box: [0, 0, 1, 2] },
      { box: [0, 0, 1, null] },
      { still: null },
    ].map((fault) => ({ found: { mediaMs: 1, boxes: [{ ...box, ...fault }] } }))
    const others = [
      ...[null, 7, 'found', [], {}, { found: 7 }, { found: {} }, { found: { mediaMs: 1 } }],
      { found: { mediaMs: '1', boxes: [] } },
      { found: { mediaMs: 1, boxes: Array(51).fill(box) } },
    ]
    for (const said of [...broken, ...others]) expect(readFound(said), JSON.stringify(said)).toBeUndefined()
    for (const text of ['', '{', 'null', '7', '{"boxes":1}', '{"mime":"x"}'])
      expect(readAsked(text)).toBeNull()
    fc.assert(fc.property(fc.jsonValue(), (said) => void readFound(said)))
    fc.assert(fc.property(fc.string(), (text) => void readAsked(text)))
  })
})
