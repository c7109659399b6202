import { describe, expect, it } from 'vitest'
import { codecName } from '../../../dashboard-api/web/src/cameras/codec-name.ts'
import { browserName } from '../../../dashboard-api/web/src/sessions/browser-name.ts'

describe('names that people know', () => {
  it.each([
    ['avc1.42c01f', 'H.264'],
    ['hvc1.1.6.L93.B0', 'H.265'],
    ['hev1.1.6.L93.B0', 'H.265'],
    ['MJPEG', 'MJPEG'],
    ['', ''],
  ])('the codec %s is %s', (codec, name) => expect(codecName(codec)).toBe(name))

  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
  it.each([
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/138.0.0.0 Safari/537.36`,
      'Chrome 138 · Windows',
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`,
      'Edge 138 · Windows',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox 140 · Linux'],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${webkit} Version/18.5 Mobile/15E148 Safari/604.1`,
      'Safari 18 · iPhone',
    ],
    [
      `Mozilla/5.0 (Linux; Android 14; ALN-AL00) ${webkit} Version/4.0 Chrome/126.0 Mobile Safari/537.36 wxwork/4.1.30 MicroMessenger/7.0.1`,
      'WeCom 4 · Android',
    ],
    [
      `Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) ${webkit} Chrome/114.0.5735.196 Mobile Safari/537.36`,
      'Chrome 114 · HarmonyOS',
    ],
    ['node', 'node'],
  ])('the header %s is %s', (header, name) => expect(browserName(header)).toBe(name))
})
