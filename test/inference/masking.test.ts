import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cameraSchema } from '../../core/config/city.ts'
import type { Box, Point } from '../../core/geometry.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import {
  blankPolygons,
  type Picture,
  pixelateBox,
  pixelateFrame,
  pixelateHeads,
} from '../../inference/masking/pixelate.ts'
import { headBoxes, planMask } from '../../inference/masking/plan.ts'
import { silentLog } from '../support/log.ts'

/** Every pixel has a colour of its own, so that any pixel that survives is seen. */
function unique(width: number, height: number): Picture {
  const rgb = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) rgb.set([i & 255, (i >> 8) & 255, (i * 7) & 255], i * 3)
  return { width, height, rgb }
}

const pixel = (p: Picture, x: number, y: number) => [
  ...p.rgb.slice((y * p.width + x) * 3, (y * p.width + x) * 3 + 3),
]
const colours = (p: Picture, [l, t, r, b]: Box) => {
  const seen = new Set<string>()
  for (let y = Math.floor(t * p.height); y < Math.ceil(b * p.height); y++)
    for (let x = Math.floor(l * p.width); x < Math.ceil(r * p.width); x++) seen.add(pixel(p, x, y).join())
  return seen.size
}

describe('pixelation', () => {
  test('a cell is its mean colour and nothing outside the box changes', () => {
    const picture: Picture = {
      width: 4,
      height: 2,
      rgb: Uint8Array.from([0, 0, 0, 10, 0, 0, 9, 9, 9, 9, 9, 9, 20, 0, 0, 30, 0, 0, 9, 9, 9, 9, 9, 9]),
    }
    pixelateBox(picture, [0, 0, 0.5, 1], 2, 2)
    expect([...picture.rgb]).toEqual([
      15, 0, 0, 15, 0, 0, 9, 9, 9, 9, 9, 9, 15, 0, 0, 15, 0, 0, 9, 9, 9, 9, 9, 9,
    ])
  })

  test('the frame: at most 8 × 8 colours in the hazard, coarse cells outside', () => {
    const picture = unique(640, 360)
    const hazard: Box = [0.25, 0.25, 0.5, 0.5]
    pixelateFrame(picture, hazard)
    expect(colours(picture, hazard)).toBeLessThanOrEqual(64)
    expect(colours(picture, hazard)).toBeGreaterThan(32)
    expect(colours(picture, [0.6, 0.6, 0.85, 0.85])).toBeLessThanOrEqual(12 * 8)
  })

  test('heads: at most 5 × 5 cells are left of a head, wherever it is', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fraction, fraction, fc.double({ min: 0.05, max: 0.4, noNaN: true }), (x, y, size) => {
        const head: Box = [x, y, Math.min(1, x + size), Math.min(1, y + size)]
        const picture = unique(160, 120)
        pixelateHeads(picture, [head])
        expect(colours(picture, head)).toBeLessThanOrEqual(25 + 160) // plus a rim of whole pixels
      }),
      { numRuns: 50 },
    )
  })

  test('privacy polygons are flat grey', () => {
    const picture = unique(100, 100)
    blankPolygons(picture, [
      [
        [0.1, 0.1],
        [0.4, 0.1],
        [0.4, 0.4],
        [0.1, 0.4],
      ],
    ])
    expect(colours(picture, [0.1, 0.1, 0.4, 0.4])).toBe(1)
    expect(pixel(picture, 50, 50)).not.toEqual([128, 128, 128])
  })
})

describe('what is masked', () => {
  const picture = unique(64, 36)
  const heads = { id: 'cam', masking: 'heads' as const }
  const finder = (labels: string[], found: () => Promise<never[]>) => ({ labels, find: found })

  test.each([
    ['no detector', null, 'frame'],
    ['a detector that knows no person', finder(['car'], async () => []), 'frame'],
    ['a detector that fails', finder(['person'], async () => Promise.reject(new Error('broken'))), 'frame'],
    ['a detector of persons', finder(['person'], async () => []), 'heads'],
  ])('%s: %s', async (_, given, kind) => {
    expect((await planMask(picture, heads, given, silentLog)).kind).toBe(kind)
  })

  test('the picture that is handed in stays as it is, also as the Buffer that the ring gives', async () => {
    const { rgb } = unique(64, 48)
    const full = { width: 64, height: 48, rgb: Buffer.from(rgb), capturedAt: 0 }
    const mediaTools = {
      spawn: () => {
        throw new Error('a still needs no ffmpeg')
      },
    }
    const masker = createMasker({ finder: null, mediaTools, log: silentLog })
    const privacy = [[[0, 0.8] as Point, [0.2, 0.8] as Point, [0.2, 1] as Point]]
    const yard = cameraSchema.parse({
      id: 'yard',
      name: { zh: '院', en: 'Yard' },
      purpose: 'environment',
      url: 'yard.mp4',
      privacy,
    })
    const { method } = await masker.still(full, yard, { box: [0.1, 0.1, 0.5, 0.5], detections: [] })
    expect(method).toBe('heads@1:frame,no-detector')
    expect(full.rgb.equals(rgb)).toBe(true)
  })

  test('a written reason switches masking off, and only that', async () => {
    expect(
      (await planMask(picture, { id: 'cam', masking: { none: 'generated scene' } }, null, silentLog)).kind,
    ).toBe('none')
  })

  test('the upper third of a person is masked with a margin', () => {
    const [box] = headBoxes([{ label: 'person', score: 0.9, box: [0.4, 0.2, 0.6, 0.8] }])
    expect(box?.[0]).toBeCloseTo(0.35)
    expect(box?.[1]).toBeCloseTo(0.15)
    expect(box?.[3]).toBeCloseTo(0.45)
  })
})
