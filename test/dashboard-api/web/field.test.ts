import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../dashboard-api/web/src/api/problem.ts'
import { readOrigin } from '../../../dashboard-api/web/src/field/photo/exif.ts'
import { fitted } from '../../../dashboard-api/web/src/field/photo/fit.ts'
import { formatDistance, geoUri, metresBetween } from '../../../dashboard-api/web/src/field/place.ts'
import { commandBody, missingOf } from '../../../dashboard-api/web/src/field/queue/bodies.ts'
import {
  type FieldApi,
  kindOf,
  sendWork,
  waitAfter,
} from '../../../dashboard-api/web/src/field/queue/send.ts'
import type { Photo, Work } from '../../../dashboard-api/web/src/field/store/types.ts'

const problem = (status: number, code: string, details?: Record<string, unknown>) =>
  new ApiError(status, code, code, { type: '', title: code, status, code, ...(details ? { details } : {}) })

const work: Work = {
  ...{ id: 'w', person: 'p', no: '2026-000001', kind: 'report', version: 3, note: 'n', passed: null },
  matter: { type: 'litter', severity: 2, place: {}, cameraName: null },
  ...{ state: 'waiting', asRemark: false, capturing: null, problem: null, tries: 0, nextAt: 0, changedAt: 0 },
}
const photo = (id: string, attachment: string | null = null): Photo => ({
  ...{ id, work: 'w', phase: 'after', name: 'a.jpg', blob: new Blob([]), takenAt: null, place: null },
  ...{ upload: null, uploaded: false, onePiece: false, attachment },
})

describe('sending', () => {
  const api = (more: Partial<FieldApi> = {}) => {
    const calls: string[] = []
    const made: FieldApi = {
      attach: async (_no, { id }) => {
        calls.push(`attach ${id}`)
        return `id-${id}`
      },
      command: async (_work, ids) => void calls.push(`command ${ids.join()}`),
      remark: async (_work, ids) => void calls.push(`remark ${ids.join()}`),
      ...more,
    }
    return { made, calls }
  }
  it('sends pictures that the server does not have, then the command with all of them', async () => {
    const { made, calls } = api()
    expect(await sendWork(work, [photo('a', 'had'), photo('b')], made)).toEqual({ kind: 'done', leftOut: 0 })
    expect(calls).toEqual(['attach b', 'command had,id-b'])
  })
  it('keeps by code why it was refused', async () => {
    const { made } = api({ attach: () => Promise.reject(problem(422, 'invalid', { why: 'not_picture' })) })
    expect(await sendWork(work, [photo('a')], made)).toMatchObject({
      ...{ kind: 'refused', problem: { code: 'invalid', details: { why: 'not_picture' } } },
    })
  })
  it('sends the words of a remark although the case takes no more pictures', async () => {
    const { made, calls } = api({
      attach: () => Promise.reject(problem(403, 'forbidden', { state: 'closed' })),
    })
    expect(await sendWork({ ...work, asRemark: true }, [photo('a')], made)).toEqual({
      kind: 'done',
      leftOut: 1,
    })
    expect(calls).toEqual(['remark '])
    expect(await sendWork(work, [photo('a')], made)).toMatchObject({ kind: 'conflict' })
  })
  it.each([
    [problem(401, 'not_logged_in'), 'login'],
    [problem(403, 'password_change_required'), 'login'],
    [problem(409, 'version_conflict', { state: 'closed' }), 'conflict'],
    [problem(409, 'state_conflict', { state: 'closed' }), 'conflict'],
    [problem(409, 'state_conflict', { offset: 3 }), 'refused'],
    [problem(422, 'invalid'), 'refused'],
    [problem(403, 'forbidden'), 'refused'],
    [problem(413, 'too_large'), 'refused'],
    [problem(429, 'too_many_requests'), 'later'],
    [problem(507, 'disk_full'), 'later'],
    [new ApiError(0, 'network', 'x', null), 'later'],
  ] as const)('%s means %s', (error, kind) => expect(kindOf(error)).toBe(kind))
  it('waits longer each time, at most five minutes', () => {
    expect([1, 2, 3, 20].map(waitAfter)).toEqual([5_000, 10_000, 20_000, 300_000])
  })
})

describe('a report', () => {
  it('says what is missing', () => {
    expect(missingOf({ kind: 'report', note: 'x', passed: null }, 0)).toBe('photo')
    expect(missingOf({ kind: 'report', note: ' ', passed: null }, 1)).toBe('note')
    expect(missingOf({ kind: 'verify', note: 'x', passed: null }, 1)).toBe('passed')
    expect(missingOf({ kind: 'verify', note: 'x', passed: false }, 0)).toBeNull()
    expect(missingOf({ kind: 'accept', note: '', passed: null }, 0)).toBeNull()
    // The server asks for the verifier's own photo before it lets a case pass.
    expect(missingOf({ kind: 'verify', note: 'x', passed: true }, 0, 'photo')).toBe('proof')
    expect(missingOf({ kind: 'verify', note: 'x', passed: true }, 1, 'photo')).toBeNull()
    expect(missingOf({ kind: 'verify', note: 'x', passed: false }, 0, 'photo')).toBeNull()
  })
  it('becomes the command of its kind', () => {
    expect(commandBody({ ...work, kind: 'accept' }, ['a'])).toEqual({ kind: 'accept', version: 3 })
    expect(commandBody({ ...work, kind: 'verify', passed: false }, ['a'])).toMatchObject({
      ...{ kind: 'verify', passed: false, attachments: ['a'] },
    })
  })
})

describe('a picture', () => {
  const jpeg = async (offset: boolean): Promise<ArrayBuffer> => {
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .withExif({
        IFD2: {
          DateTimeOriginal: '2026:11:26 10:41:07',
          ...(offset ? { OffsetTimeOriginal: '+08:00' } : {}),
        },
        IFD3: {
          ...{ GPSLatitudeRef: 'N', GPSLatitude: '38/1 1/1 4800/100' },
          ...{ GPSLongitudeRef: 'E', GPSLongitude: '114/1 28/1 4800/100' },
        },
      })
      .toBuffer()
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  }
  it('keeps when and where it was taken', async () => {
    const { takenAt, place } = readOrigin(await jpeg(true))
    expect(takenAt).toBe('2026-11-26T02:41:07.000Z')
    expect(place?.lat).toBeCloseTo(38.03, 6)
    expect(place?.lon).toBeCloseTo(114.48, 6)
    expect(readOrigin(await jpeg(false)).takenAt).toBe(new Date('2026-11-26T10:41:07').toISOString())
  })
  it('without it, or broken anywhere, says nothing or the truth, and never fails', async () => {
    const whole = new Uint8Array(await jpeg(true))
    expect(readOrigin(new ArrayBuffer(0))).toEqual({ takenAt: null, place: null })
    for (let cut = 0; cut < 400; cut += 1) readOrigin(whole.slice(0, cut).buffer)
    for (let at = 20; at < 300; at += 1) {
      const broken = whole.slice()
      broken[at] = 0xff
      readOrigin(broken.buffer)
    }
  })
  it('has at most 1920 px', () => {
    expect(fitted(4_000, 3_000)).toEqual({ width: 1_920, height: 1_440 })
    expect(fitted(3_000, 4_000)).toEqual({ width: 1_440, height: 1_920 })
    expect(fitted(800, 1)).toEqual({ width: 800, height: 1 })
    expect(fitted(100_000, 3)).toEqual({ width: 1_920, height: 1 })
  })
})

describe('a place', () => {
  it('is a geo address of RFC 5870', () => {
    expect(geoUri({ lon: 114.48, lat: 38.03 })).toBe('geo:38.030000,114.480000?q=38.030000,114.480000')
  })
  it('is told in metres, then kilometres', () => {
    expect(metresBetween({ lon: 0, lat: 0 }, { lon: 0, lat: 1 })).toBeCloseTo(111_195, -1)
    expect([424, 1_240, 35_400].map(formatDistance)).toEqual(['420 m', '1.2 km', '35 km'])
  })
})
