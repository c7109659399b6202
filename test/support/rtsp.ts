import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** Debian's own: the GStreamer bindings are not in any other. */
const PYTHON = '/usr/bin/python3'
const SCRIPT = resolve(import.meta.dirname, '../services/rtsp_server.py')

interface RtspMount {
  readonly path: string
  readonly film: string
  readonly codec: 'h264' | 'h265' | 'jpeg'
}

export interface RtspOptions {
  readonly mounts: readonly RtspMount[]
  readonly auth?: 'none' | 'basic' | 'digest'
  readonly user?: string
  readonly password?: string
  /** 0: any free one. */
  readonly port?: number
}

export interface RtspServer extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  url(path: string): string
  /** How often clients began to play, and how often they said good-bye. */
  count(what: 'play' | 'teardown', path?: string): number
  /** As a power cut: SIGKILL. */
  kill(): Promise<void>
  /** As a camera whose firmware hangs: the sockets stay open, nothing comes. */
  freeze(): void
  thaw(): void
}

/** A real RTSP server on loopback (GStreamer), on films that must be long: it does not loop them. */
export async function startRtspServer(options: RtspOptions): Promise<RtspServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-rtsp-'))
  const config = join(folder, 'config.json')
  await writeFile(
    config,
    JSON.stringify({
      port: options.port ?? 0,
      auth: options.auth ?? 'none',
      user: options.user ?? '',
      password: options.password ?? '',
      mounts: options.mounts.map(({ path, film, codec }) => ({ path, file: film, codec })),
    }),
  )
  const child = spawn(PYTHON, [SCRIPT, config], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const said: string[] = []
  const port = await readyPort(child, said)
  const pid = child.pid
  if (pid === undefined) throw new Error('the RTSP server has no process')
  const isAlive = () => child.exitCode === null && child.signalCode === null

  return {
    port,
    pid,
    url: (path) => `rtsp://127.0.0.1:${port}${path}`,
    count: (what, path) =>
      said.filter((line) => line === (path ? `${what} ${path}` : line) && line.startsWith(`${what} `)).length,
    async kill() {
      if (isAlive()) child.kill('SIGKILL')
      await exited
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      if (isAlive()) child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function readyPort(child: ChildProcess, said: string[]): Promise<number> {
  return new Promise((resolvePort, reject) => {
    let problems = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      problems = (problems + chunk.toString()).slice(-2_000)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the RTSP server ended (${code}): ${problems}`)))
    if (!child.stdout) throw new Error('the RTSP server has no output')
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line)
      const ready = /^ready (\d+)$/.exec(line)
      if (ready) resolvePort(Number(ready[1]))
    })
  })
}

/** For `missingService('GStreamer RTSP server (apt: …)', hasRtspServer())`. */
export function hasRtspServer(): boolean {
  const check =
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
  try {
    execFileSync(PYTHON, ['-c', check], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export const RTSP_SERVICE =
  'GStreamer RTSP server (python3-gi gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad)'
