import { expect, test } from 'vitest'
import { bodyOfCsv, columnOfPath, readCameraCsv } from '../../../core/config/camera-csv.ts'
import { CSV_COLUMNS, MOST_CSV_CAMERAS } from '../../../core/config/camera-csv-form.ts'
import { cameraSchema } from '../../../core/config/city.ts'
import { listOfCameras } from '../../support/camera-list.ts'

const HEADER = CSV_COLUMNS.join(',')
const told = (text: string) =>
  readCameraCsv(text).faults.map(({ line, column, code }) => [line, column, code] as const)

test('of 500 lines with seven faults each is told by line and column, and the other lines are read', () => {
  const { text, faults } = listOfCameras(500)
  const read = readCameraCsv(text)
  expect(read.lines).toBe(500)
  expect(read.faults.map(({ line, column, code }) => ({ line, column, code }))).toEqual(faults)
  expect(faults).toHaveLength(7)
  expect(read.cameras).toHaveLength(493)
  expect(read.faults.map(({ value }) => value).join()).not.toContain('hunter2')
})

test('a whole line becomes a camera that the schema takes', () => {
  const line =
    'gate,"东门, 北侧",East gate,public_safety,rtsp://10.0.0.8/1,/secrets/gate,"学府路 1 号\n二层",130104-017,114.48,38.03,none,演示画面,24,street'
  const { cameras, faults } = readCameraCsv(`\uFEFF${HEADER.replace('id', '"id"')}\r\n${line}\r\n`)
  expect(faults).toEqual([])
  const body = cameras[0] && bodyOfCsv(cameras[0], null)
  expect(cameraSchema.parse(body)).toMatchObject({
    ...{ id: 'gate', name: { zh: '东门, 北侧', en: 'East gate' }, credentialsFile: '/secrets/gate' },
    place: { address: '学府路 1 号\n二层', grid: '130104-017', lon: 114.48, lat: 38.03 },
    ...{ masking: { none: '演示画面' }, recording: { mode: 'ring', hours: 24 } },
  })
  expect(cameraSchema.parse(body).rules.map(({ type }) => type)).toContain('lane_blocked')
})

test('columns may stand in any order, and those that may be missing are', () => {
  const { cameras, faults } = readCameraCsv(
    'url,purpose,name_zh,id\nrtsp://10.0.0.8/1,kitchen,后厨,k-1\n\n\n',
  )
  expect(faults).toEqual([])
  expect(cameras[0] && cameraSchema.parse(bodyOfCsv(cameras[0], null))).toMatchObject({
    ...{ id: 'k-1', name: { zh: '后厨', en: '后厨' }, masking: 'heads', rules: [] },
    recording: { mode: 'ring', hours: 2 },
  })
})

test('of a camera that exists, empty cells and missing columns change nothing, and its rules stay', () => {
  const old = {
    ...{ id: 'gate', name: { zh: '旧', en: 'Old' }, purpose: 'kitchen', url: 'rtsp://10.0.0.8/1' },
    ...{ credentialsFile: '/secrets/gate', place: { address: '旧址', lon: 1, lat: 2 }, masking: 'frame' },
    zones: { lane: [[0, 0], [1, 0], [1, 1]] }, // biome-ignore format: one shape
    rules: [{ id: 'left', type: 'object_left', zone: 'lane', for: '45s' }],
    privacy: [[[0, 0], [1, 0], [1, 1]]], // biome-ignore format: one shape
  }
  const text =
    'id,name_zh,purpose,url,address,masking,rule_preset\ngate,新,kitchen,rtsp://10.0.0.9/1,,,street'
  const [camera] = readCameraCsv(text).cameras
  expect(camera && bodyOfCsv(camera, old)).toEqual({
    ...old,
    ...{ name: { zh: '新', en: 'Old' }, url: 'rtsp://10.0.0.9/1' },
  })
  expect(camera && bodyOfCsv(camera, { ...old, rules: [], zones: {} })).toMatchObject({
    rules: expect.arrayContaining([{ id: 'object-left', type: 'object_left' }]),
  })
})

test('what cannot be a list at all is one fault with its line', () => {
  expect(told('')).toEqual([[1, null, 'no_lines']])
  expect(told(HEADER)).toEqual([[1, null, 'no_lines']])
  expect(told('id,colour\na,b')).toEqual([
    [1, null, 'unknown_column'],
    [1, 'name_zh', 'missing_column'],
    [1, 'purpose', 'missing_column'],
    [1, 'url', 'missing_column'],
  ])
  expect(told(`${HEADER},id\nx`)).toEqual([[1, 'id', 'column_twice']])
  expect(told(`${HEADER}\na,"b`).map(([, , code]) => code)).toEqual(['not_csv'])
  const many = Array.from({ length: MOST_CSV_CAMERAS + 1 }, (_, i) => `c${i}`).join('\n')
  expect(told(`id,name_zh,purpose,url\n${many}`)).toEqual([[MOST_CSV_CAMERAS + 2, null, 'too_many']])
})

test('no text makes it throw', () => {
  const pieces = ['"', ',', '\n', '\r', HEADER, '\u0000', '东', ';', '""', ' ', '-', '\uFEFF', '=1+1']
  for (let seed = 1; seed <= 400; seed++) {
    let state = seed
    const next = () => (state = (state * 48_271) % 2_147_483_647)
    const text = Array.from({ length: 1 + (next() % 12) }, () => pieces[next() % pieces.length]).join('')
    expect(() => readCameraCsv(text), JSON.stringify(text)).not.toThrow()
    expect(() => readCameraCsv(`${HEADER}\n${text}`), JSON.stringify(text)).not.toThrow()
  }
})

test('a fault of the whole city is told at the column that it comes from', () => {
  expect(columnOfPath('place.lon')).toBe('lon')
  expect(columnOfPath('name.en')).toBe('name_en')
  expect(columnOfPath('rules.0.zone')).toBe('rule_preset')
  expect(columnOfPath('privacy.0')).toBeNull()
})
