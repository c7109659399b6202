import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Resize } from '../../inference/family/family.ts'
import { inputFor, placePicture, toPicture } from '../../inference/model/placement.ts'

const resize = fc.constantFrom<Resize>(
  { kind: 'stretch' },
  { kind: 'letterbox', place: 'top-left', pad: 114 },
  { kind: 'letterbox', place: 'centred', pad: 0 },
)
const side = fc.integer({ min: 16, max: 2048 })
const size = fc.record({ width: side, height: side })
const share = fc.double({ min: 0, max: 1, noNaN: true })

test('YOLOX: a 640x352 picture in 416x416 lies top left, 416x229', () => {
  const input = {
    width: 416,
    height: 416,
    resize: { kind: 'letterbox', place: 'top-left', pad: 114 },
  } as const
  expect(placePicture({ width: 640, height: 352 }, input)).toEqual({
    left: 0,
    top: 0,
    width: 416,
    height: 229,
  })
})

test('Ultralytics: the same in 640x640 lies centred', () => {
  const input = {
    width: 640,
    height: 640,
    resize: { kind: 'letterbox', place: 'centred', pad: 114 },
  } as const
  expect(placePicture({ width: 640, height: 352 }, input)).toEqual({
    left: 0,
    top: 144,
    width: 640,
    height: 352,
  })
})

test('the picture lies inside the input; a letterbox keeps its shape within a pixel and touches two sides', () => {
  fc.assert(
    fc.property(size, size, resize, (picture, target, how) => {
      const { left, top, width, height } = placePicture(picture, { ...target, resize: how })
      expect(left).toBeGreaterThanOrEqual(0)
      expect(top).toBeGreaterThanOrEqual(0)
      expect(left + width).toBeLessThanOrEqual(target.width)
      expect(top + height).toBeLessThanOrEqual(target.height)
      expect(width === target.width || height === target.height).toBe(true)
      if (how.kind === 'letterbox') {
        const scale = Math.min(target.width / picture.width, target.height / picture.height)
        expect(Math.abs(width - picture.width * scale)).toBeLessThanOrEqual(1)
        expect(Math.abs(height - picture.height * scale)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('a box of the picture goes to the input and back within a pixel of the input', () => {
  fc.assert(
    fc.property(size, size, resize, share, share, share, share, (picture, target, how, a, b, c, d) => {
      const placement = placePicture(picture, { ...target, resize: how })
      const [l, r, t, bottom] = [Math.min(a, b), Math.max(a, b), Math.min(c, d), Math.max(c, d)]
      fc.pre(r - l > 0.01 && bottom - t > 0.01)
      const there = {
        classId: 0,
        score: 1,
        left: Math.round(placement.left + l * placement.width),
        right: Math.round(placement.left + r * placement.width),
        top: Math.round(placement.top + t * placement.height),
        bottom: Math.round(placement.top + bottom * placement.height),
      }
      fc.pre(there.right > there.left && there.bottom > there.top)
      const back = toPicture(there, placement)
      expect(back).not.toBeNull()
      for (const [value, original, length] of [
        [back?.[0], l, placement.width],
        [back?.[1], t, placement.height],
        [back?.[2], r, placement.width],
        [back?.[3], bottom, placement.height],
      ] as const) {
        expect(Math.abs((value as number) - original) * length).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('whatever a network says, a box is inside the picture or is none', () => {
  const wild = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(
      size,
      size,
      resize,
      wild,
      wild,
      wild,
      wild,
      (picture, target, how, left, top, right, bottom) => {
        const placement = placePicture(picture, { ...target, resize: how })
        const box = toPicture({ classId: 0, score: 1, left, top, right, bottom }, placement)
        if (box === null) return
        for (const v of box) {
          expect(v).toBeGreaterThanOrEqual(0)
          expect(v).toBeLessThanOrEqual(1)
        }
        expect(box[2]).toBeGreaterThan(box[0])
        expect(box[3]).toBeGreaterThan(box[1])
      },
    ),
  )
})

test('what is cut off is padding alone, and as much of it as the multiple allows', () => {
  fc.assert(
    fc.property(size, size, fc.constantFrom(8, 32, 64), (picture, target, trim) => {
      const input = { ...target, resize: { kind: 'letterbox', place: 'top-left', pad: 114, trim } } as const
      const placement = placePicture(picture, input)
      for (const axis of ['width', 'height'] as const) {
        const used = inputFor(placement, input)[axis]
        expect(used).toBeGreaterThanOrEqual(placement[axis])
        expect(used === target[axis] || used % trim === 0).toBe(true)
        expect(used - placement[axis]).toBeLessThan(trim)
      }
    }),
  )
})
