import { expect, test } from 'vitest'
import { addressKey } from '../../core/config/camera-url.ts'
import { cameraSchema } from '../../core/config/city.ts'
import { configuredAt } from '../../dashboard-api/camera-setup/configured.ts'

const TRIANGLE: [number, number][] = [
  [0, 0],
  [1, 0],
  [0, 1],
]
const camera = (id: string, url: string, more: object = {}) =>
  cameraSchema.parse({ id, url, name: { zh: '门', en: 'Gate' }, purpose: 'public_safety', ...more })

test('one address has one key, however it is written', () => {
  const key = addressKey('rtsp://cam.lan/1?channel=2')
  for (const same of [
    'rtsp://cam.lan:554/1?channel=2',
    'RTSP://CAM.lan./1?channel=2',
    'rtsp://cam.lan/1?channel=2#top',
  ])
    expect(addressKey(same)).toBe(key)
  for (const other of ['rtsp://cam.lan/1?channel=3', 'rtsp://cam.lan:8554/1?channel=2', 'rtsp://cam.lan/'])
    expect(addressKey(other)).not.toBe(key)
  expect(addressKey('rtsp://cam.lan')).toBe(addressKey('rtsp://cam.lan/'))
  expect(addressKey('http://cam.lan/a')).toBe(addressKey('http://cam.lan:80/a'))
  expect(addressKey('/films/gate.mp4')).toBeNull()
})

test('a configured camera hides what it hides; several at one address all that any of them hides', () => {
  const film = camera('film', '/films/gate.mp4')
  const gate = camera('gate', 'rtsp://cam.lan/1', { privacy: [TRIANGLE] })
  const plain = camera('plain', 'rtsp://cam.lan/2', { masking: { none: '演示' } })
  const twin = camera('twin', 'rtsp://cam.lan:554/1', { masking: 'frame' })
  const at = (url: string) => configuredAt(url, [film, gate, plain, twin])
  expect(at('rtsp://CAM.lan/1')).toEqual({ id: 'gate', hide: { masking: 'frame', privacy: [TRIANGLE] } })
  expect(at('rtsp://cam.lan/2')).toEqual({ id: 'plain', hide: { masking: 'heads', privacy: [] } })
  expect(at('rtsp://cam.lan/3')).toBeNull()
})
