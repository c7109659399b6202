import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createMediaTools } from '../../adapters/media-tools.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { missingService, onPath } from '../support/services.ts'

const missing = missingService('ffmpeg', onPath('ffmpeg'))
const metrics = recordingMetrics()
const tools = createMediaTools({ log: silentLog, metrics })
const endless = ['-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=r=25']

describe.skipIf(missing)('a media tool', () => {
  test('runs unprivileged, in a session of its own, without our environment', async () => {
    process.env.SHARP_EYES_TEST_SECRET = 'in-the-environment'
    const child = tools.spawn('ffmpeg', [...endless, '-f', 'rawvideo', 'pipe:1'])
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])
    if (process.getuid?.() === 0) {
      expect(uid).not.toBe(0)
      expect(/^Groups:\s*$/m.test(status)).toBe(true)
    } else expect(uid).toBe(process.getuid?.())
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')
    expect(Number(stat?.[3])).toBe(child.pid)
    if (process.getuid?.() === 0) {
      expect(readFileSync(`/proc/${child.pid}/environ`, 'utf8')).not.toContain('in-the-environment')
    }
    await child.stop()
    delete process.env.SHARP_EYES_TEST_SECRET
  })

  test('that is blocked in a write ignores SIGTERM and is killed after the grace', async () => {
    const child = tools.spawn('ffmpeg', [...endless, '-f', 'rawvideo', 'pipe:1'])
    await new Promise((resolve) => child.stdout.once('readable', resolve))
    // Nobody reads: the pipe (Node's are sockets) fills and ffmpeg stands in its write.
    const waitsIn = () => readFileSync(`/proc/${child.pid}/wchan`, 'utf8')
    await expect.poll(waitsIn, { timeout: 10_000 }).toMatch(/pipe_write|sock_alloc|sock_wait/)
    await child.stop(300)
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL' })
    await child.stop()
  })

  test('says why it failed, without the secret', async () => {
    const child = tools.spawn('ffmpeg', ['-hide_banner', '-i', 'nosuch://u:s3cr3t@host/x'], {
      secrets: ['s3cr3t'],
    })
    const lines: string[] = []
    child.onStderr((line) => lines.push(line))
    expect((await child.exited).code).toBe(1)
    expect(child.lastLines()).toEqual(lines)
    expect(lines.join()).toContain('nosuch://***@host/x')
    expect(lines.join()).not.toContain('s3cr3t')
  })

  test('that cannot be started ends all the same, with a line', async () => {
    const env = { FFMPEG_PATH: process.execPath, FFPROBE_PATH: process.execPath, PATH: '/usr/bin' }
    const broken = createMediaTools({ log: silentLog, metrics, env, user: null })
    const child = broken.spawn('ffmpeg', ['--no-such-option-of-node'])
    expect((await child.exited).code).not.toBe(0)
    expect(child.lastLines().join()).toContain('no-such-option')
    await child.stop()
  })

  test('whose standard input is closed early does not crash us', async () => {
    const child = tools.spawn('ffmpeg', ['-loglevel', 'quiet', '-version'], { stdin: 'pipe' })
    child.stdout.resume()
    await child.exited
    child.stdin?.write('too late')
    await child.stop()
  })
})
