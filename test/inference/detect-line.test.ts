import { expect, test } from 'vitest'
import { detectLine } from '../../inference/model/detect-line.ts'

test('the line of the contract: four decimals, media seconds, index in the source', () => {
  const line = detectLine({ mediaMs: 1200, index: 6 }, [
    { label: 'smoke', score: 0.81, box: [0.1, 0.2, 0.30004, 0.99996] },
  ])
  expect(line).toBe('{"t":1.2,"frame":6,"detections":[{"label":"smoke","score":0.81,"box":[0.1,0.2,0.3,1]}]}')
})

test('nothing found is an empty list', () => {
  expect(detectLine({ mediaMs: 0, index: 0 }, [])).toBe('{"t":0,"frame":0,"detections":[]}')
})

test('a time between milliseconds keeps three decimals', () => {
  expect(JSON.parse(detectLine({ mediaMs: 41.595, index: 1 }, [])).t).toBe(0.042)
})

test('the order depends on what is printed only', () => {
  const a = { label: 'car', score: 0.50001, box: [0, 0, 0.5, 0.5] } as const
  const b = { label: 'bus', score: 0.50002, box: [0, 0, 0.5, 0.5] } as const
  const c = { label: 'car', score: 0.5, box: [0, 0, 0.4, 0.5] } as const
  const d = { label: 'person', score: 0.9, box: [0, 0, 0.4, 0.5] } as const
  const order = (...found: (typeof a | typeof b | typeof c | typeof d)[]) =>
    detectLine({ mediaMs: 0, index: 0 }, found)
  expect(order(a, b, c, d)).toBe(order(d, c, b, a))
  expect(JSON.parse(order(a, b, c, d)).detections.map((x: { label: string }) => x.label)).toEqual([
    'person',
    'bus',
    'car',
    'car',
  ])
})
