import { describe, expect, test } from 'vitest'
import { cameraStream } from '../../core/config/camera-stream.ts'
import { addressKey } from '../../core/config/camera-url.ts'
import { cameraSchema } from '../../core/config/city.ts'
import { configuredAt } from '../../dashboard-api/camera-setup/configured.ts'

const TRIANGLE: [number, number][] = [
  [0, 0],
  [1, 0],
  [0, 1],
]
const keyOf = (url: string) => cameraStream(url)?.key
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
  expect(addressKey('http://cam.lan/a?x=1&b=2')).toBe(addressKey('http://cam.lan/a?b=2&x=1'))
})

describe('streams of one camera have one key', () => {
  const at = (rest: string) => keyOf(`rtsp://10.0.0.8${rest}`)

  test.each([
    ['/Streaming/Channels/101', '/Streaming/channels/102/?transportmode=unicast', '/Streaming/Channels/201'],
    ['/ISAPI/Streaming/channels/1601', '/Streaming/Channels/1602', '/Streaming/Channels/101'],
    ['/h264/ch1/main/av_stream', '/h265/ch01/sub/av_stream', '/h264/ch11/main/av_stream'],
    [
      '/cam/realmonitor?channel=1&subtype=0',
      '/cam/realmonitor?unicast=true&subtype=1&channel=1',
      '/cam/realmonitor?channel=2&subtype=0',
    ],
    ['/Streaming/Channels/101', '/h264/ch1/main/av_stream', '/h264/ch2/main/av_stream'],
    ['/h265/ch01/sub/av_stream', '/ISAPI/Streaming/Channels/2', '/Streaming/Channels/201'],
    ['/cam/realmonitor?channel=01', '/cam/realmonitor?channel=1&subtype=1', '/cam/realmonitor?channel=10'],
    ['/unicast/c1/s0/live', '/unicast/c1/s1/live', '/unicast/c2/s1/live'],
    ['/unicast/c1/s0/live', '/media/video1', '/unicast/c2/s0/live'],
    ['/axis-media/media.amp?camera=quad', '/axis-media/media.amp?camera=Quad', '/axis-media/media.amp'],
    ['/media/video1', '/media/video2', '/media/audio2'],
    [
      '/axis-media/media.amp',
      '/axis-media/media.amp?resolution=640x360&camera=1',
      '/axis-media/media.amp?camera=2',
    ],
    ['/profile1', '/profile2/media.smp', '/1/profile2/media.smp'],
    ['/stream1', '/stream2', '/stream1/2'],
  ])('%s and %s, not %s', (main, sub, other) => {
    expect(at(sub)).toBe(at(main))
    expect(at(other)).not.toBe(at(main))
  })

  test('not on another port, host or scheme, nor where the spelling is not known', () => {
    const key = keyOf('rtsp://cam.lan/stream1')
    expect(keyOf('RTSP://CAM.lan.:554/stream2')).toBe(key)
    for (const other of ['rtsp://cam.lan:555/stream1', 'rtsp://cam2.lan/stream1', 'http://cam.lan/stream1'])
      expect(keyOf(other)).not.toBe(key)
    expect(at('/live/1')).not.toBe(at('/live/2'))
    expect(at('/live/A')).not.toBe(at('/live/a'))
    expect(cameraStream('/films/gate.mp4')).toBeNull()
  })
})

test('a configured camera hides what it hides; several at one address all that any of them hides', () => {
  const film = camera('film', '/films/gate.mp4')
  const gate = camera('gate', 'rtsp://cam.lan/1', { privacy: [TRIANGLE] })
  const plain = camera('plain', 'rtsp://cam.lan/2', { masking: { none: '演示' } })
  const twin = camera('twin', 'rtsp://cam.lan:554/1', { masking: 'frame' })
  const at = (url: string) => configuredAt(url, [film, gate, plain, twin])
  expect(at('rtsp://CAM.lan/1')).toEqual({
    id: 'gate',
    sure: true,
    hide: { masking: 'frame', privacy: [TRIANGLE] },
  })
  expect(at('rtsp://cam.lan/2')).toEqual({ id: 'plain', sure: true, hide: { masking: 'heads', privacy: [] } })
  expect(at('rtsp://cam.lan/3')).toBeNull()
})

test('of another stream the picture hides the same; the camera at this very address is named', () => {
  const main = camera('main', 'rtsp://nvr.lan/Streaming/Channels/101', { privacy: [TRIANGLE] })
  const sub = camera('sub', 'rtsp://nvr.lan/Streaming/Channels/102', { masking: 'frame' })
  const next = camera('next', 'rtsp://nvr.lan/Streaming/Channels/201')
  const at = (stream: number) =>
    configuredAt(`rtsp://nvr.lan/Streaming/Channels/${stream}`, [main, sub, next])
  const hide = { masking: 'frame', privacy: [TRIANGLE] }
  expect([at(101), at(102), at(103)]).toEqual([
    { id: 'main', sure: true, hide },
    { id: 'sub', sure: true, hide },
    { id: 'main', sure: true, hide },
  ])
  expect(at(202)).toEqual({ id: 'next', sure: true, hide: { masking: 'heads', privacy: [] } })
})

test('a name that tells no channel hides the same, and names the camera only probably', () => {
  const door = camera('door', 'rtsp://cam.lan/stream1', { privacy: [TRIANGLE] })
  const yard = camera('yard', 'rtsp://nvr.lan/media/video1', { masking: 'frame' })
  const gate = camera('gate', 'rtsp://nvr.lan/unicast/c1/s0/live')
  const at = (url: string, ...cameras: (typeof door)[]) => configuredAt(`rtsp://${url}`, cameras)
  expect(at('cam.lan/stream1', door)).toMatchObject({ id: 'door', sure: true })
  expect(at('cam.lan/stream2', door)).toEqual({
    ...{ id: 'door', sure: false, hide: { masking: 'heads', privacy: [TRIANGLE] } },
  })
  expect(at('nvr.lan/unicast/c1/s1/live', yard)).toMatchObject({ id: 'yard', sure: false })
  expect(at('nvr.lan/media/video2', gate)).toMatchObject({ id: 'gate', sure: false })
  // The sure one is named, and what the other hides is hidden.
  expect(at('nvr.lan/unicast/c1/s1/live', yard, gate)).toMatchObject({
    ...{ id: 'gate', sure: true, hide: { masking: 'frame' } },
  })
})
