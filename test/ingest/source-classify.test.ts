import { describe, expect, test } from 'vitest'
import { classify } from '../../ingest/source/classify.ts'
import { userinfo } from '../../ingest/source/credentials.ts'
import { ffconcat } from '../../ingest/source/ffconcat.ts'

describe('why a pull ended', () => {
  // What ffmpeg 5.1.9 said when each was tried against a real server.
  test.each([
    ['camera_auth', '[rtsp @ 0x55] method DESCRIBE failed: 401 Unauthorized'],
    ['camera_auth', '[http @ 0x55] HTTP error 401 Unauthorized'],
    ['camera_path', '[rtsp @ 0x55] method DESCRIBE failed: 404 Not Found'],
    [
      'camera_unreachable',
      '[tcp @ 0x55] Failed to resolve hostname nohost.invalid: Name or service not known',
    ],
    [
      'camera_unreachable',
      '[tcp @ 0x55] Connection to tcp://127.0.0.1:9?timeout=3 failed: Connection refused',
    ],
    ['camera_unreachable', "[concat @ 0x55] Impossible to open 'rtsp://***@10.0.0.9/x'"],
    ['camera_codec', '[concat @ 0x55] Could not find codec parameters for stream 0'],
  ])('%s: %s', (code, line) => {
    const lines = [line, 'pipe:0: Invalid data found when processing input']
    expect(classify(lines, 0).code).toBe(code)
  })

  test('a stream that flowed has ended, whatever was said before', () => {
    expect(classify(['[rtsp @ 0x55] method SETUP failed: 404 Not Found'], 100).code).toBe('camera_ended')
    expect(classify([], 0)).toMatchObject({
      code: 'camera_ended',
      text: expect.stringContaining('first picture'),
    })
  })

  test('a camera without room for another session is busy', () => {
    const line = '[rtsp @ 0x55] method SETUP failed: 453 Not Enough Bandwidth'
    expect(classify([line], 0)).toMatchObject({ code: 'camera_unreachable', cause: 'busy' })
  })
})

test('credentials and quotes are escaped as URL and ffconcat want it', () => {
  const credentials = { user: 'admin', password: `p@s:s w/ö'"%\\#?&` }
  expect(userinfo(credentials)).toBe('admin:p%40s%3As%20w%2F%C3%B6%27%22%25%5C%23%3F%26')
  const script = ffconcat(new URL("rtsp://10.0.0.8:8554/it's?a=1&b=2"), credentials, {
    rtsp_transport: 'tcp',
  })
  expect(script).toBe(
    [
      'ffconcat version 1.0',
      "file 'rtsp://admin:p%40s%3As%20w%2F%C3%B6%27%22%25%5C%23%3F%26@10.0.0.8:8554/it'\\''s?a=1&b=2'",
      'option rtsp_transport tcp',
      '',
    ].join('\n'),
  )
})
