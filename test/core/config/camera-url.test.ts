import { expect, test } from 'vitest'
import { addressForLog, cameraUrlFault } from '../../../core/config/camera-url.ts'

test.each([
  ['rtsp://10.0.0.8/stream1', null],
  ['rtsp://[fd00::8]:554/1?profile=2', null],
  ['http://192.168.1.64:8080/video', null],
  ['https://camera.example/mjpeg', null],
  ['rtsp://admin:s3cret@10.0.0.8/1', 'credentials'],
  ['rtsp://admin@10.0.0.8/1', 'credentials'],
  ['file:///etc/passwd', 'scheme'],
  ['C:\\films', 'scheme'],
  ['ftp://10.0.0.8/1', 'scheme'],
  ['rtmp://10.0.0.8/1', 'scheme'],
  ['/etc/passwd', 'not_url'],
  ['rtsp:10.0.0.8', 'not_url'],
  ['rtsp:///1', 'not_url'],
  ['rtsp://10.0.0.8/a b', 'not_url'],
  ["rtsp://10.0.0.8/1\nfile '/etc/passwd'", 'not_url'],
  ['', 'not_url'],
  [`rtsp://10.0.0.8/${'x'.repeat(1_000)}`, 'too_long'],
] as const)('%j is %s', (url, fault) => {
  expect(cameraUrlFault(url)).toBe(fault)
})

test('an address in the log has no query: it may carry a key', () => {
  expect(addressForLog('http://10.0.0.8:81/video?token=geheim')).toBe('http://10.0.0.8:81/video?…')
  expect(addressForLog('rtsp://10.0.0.8/stream1')).toBe('rtsp://10.0.0.8/stream1')
})
