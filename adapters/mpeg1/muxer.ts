import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Mpeg1Process, StartMpeg1 } from '../../core/live.ts'
import { findMediaTool } from '../media-find.ts'
import { createLineLog } from '../media-lines.ts'
import { createRedactor } from '../media-redact.ts'
import { unprivilegedUser } from '../media-user.ts'

/** node-rtsp-stream's own part that runs ffmpeg. Its server part (a port of its own for everybody) is never loaded. */
interface Muxer {
  readonly stream: ChildProcess
  on(event: 'mpeg1data', listener: (bytes: Buffer) => void): void
}
const Mpeg1Muxer = createRequire(import.meta.url)('node-rtsp-stream/mpeg1muxer') as new (options: {
  readonly url: string
  readonly ffmpegPath: string
  readonly ffmpegOptions: Readonly<Record<string, string>>
}) => Muxer

const GRACE_MS = 2_000
/** MPEG-1 knows no frame rate below 23.976. A key frame a second: who joins waits no longer. */
const OUTPUT: Readonly<Record<string, string>> = {
  '-an': '',
  '-vf': "scale=w='trunc(min(640,iw)/2)*2':h=-2",
  '-r': '25',
  '-g': '25',
  '-bf': '0',
  '-b:v': '1200k',
  '-maxrate': '2000k',
  '-bufsize': '1000k',
  '-threads': '1',
  // Times stay those of the input: a picture's capture time is found by them.
  '-copyts': '',
  '-muxdelay': '0',
  '-muxpreload': '0',
  '-flush_packets': '1',
}

/**
 * Starts ffmpeg by node-rtsp-stream: fragmented MP4 on its standard input, MPEG-1 in a transport stream out. `folder` is
 * the program's own; the script that becomes ffmpeg is written there. Throws `dependency_missing` without ffmpeg.
 */
export function createMpeg1Starter({
  folder,
  ffmpeg = findMediaTool('ffmpeg', process.env),
}: {
  readonly folder: string
  readonly ffmpeg?: string
}): StartMpeg1 {
  const script = writeScript(folder, ffmpeg)
  return () => start(new Mpeg1Muxer({ url: 'pipe:0', ffmpegPath: script, ffmpegOptions: OUTPUT }))
}

function start(muxer: Muxer): Mpeg1Process {
  const child = muxer.stream
  // Its own listener knows the exit code 1 alone, and writes to our standard error.
  child.removeAllListeners('exit')
  const lines = createLineLog(createRedactor([]))
  const exited = new Promise<string>((done) => {
    child.once('exit', (code, signal) => done(signal ?? `code ${code}`))
    child.once('error', (error) => {
      if (child.pid === undefined) done(error.message)
    })
  })
  child.stderr?.on('data', (chunk: Buffer) => lines.push(chunk))
  // Pipes of a child that ends break; `exited` tells it.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined)
  return {
    pid: child.pid,
    write: (bytes) => void child.stdin?.write(bytes),
    pendingBytes: () => child.stdin?.writableLength ?? 0,
    onData: (listener) => muxer.on('mpeg1data', listener),
    lastLines: () => lines.last(),
    exited,
    async stop() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      child.stdin?.destroy()
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

/** node-rtsp-stream takes one path, and ours has arguments: a line of shell that holds no text of anybody else. */
function writeScript(folder: string, ffmpeg: string): string {
  const user = unprivilegedUser()
  const wrapper = resolve(import.meta.dirname, 'wrapper.mjs')
  const words = [
    process.execPath,
    '--no-warnings',
    wrapper,
    ffmpeg,
    `${user?.uid ?? ''}`,
    `${user?.gid ?? ''}`,
  ]
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const script = join(folder, 'ffmpeg-mpeg1')
  writeFileSync(script, `#!/bin/sh\nexec ${words.map(quoted).join(' ')} "$@"\n`)
  chmodSync(script, 0o700)
  return script
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
