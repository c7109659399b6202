import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { onPath } from './services.ts'
import { tempFolder } from './temp-folder.ts'

/** Debian puts it where only root's PATH looks. */
const PROGRAM = existsSync('/usr/sbin/mosquitto') ? '/usr/sbin/mosquitto' : 'mosquitto'
export const mosquittoIsThere = PROGRAM !== 'mosquitto' || onPath('mosquitto')

export interface Mosquitto extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly marksRepeats: true
  /** SIGTERM: it writes its sessions and queues. Resolves when it is gone. */
  stop(): Promise<void>
  /** SIGKILL: what it has not written is lost. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same folder. */
  start(): Promise<void>
  /** Removes its sessions and queues; only while it is stopped. */
  forget(): Promise<void>
  pause(): void
  resume(): void
}

/**
 * A real mosquitto on a free port of this machine, with persistence in a folder of its own. `max_queued_messages 0`, as
 * docs/sensors.md says: with its default of 1000 it drops what a slow subscriber has not taken, without a word.
 * @param config further lines of mosquitto.conf; they come last and win
 */
export async function startMosquitto(config: readonly string[] = []): Promise<Mosquitto> {
  const folder = await tempFolder()
  const port = await freePort()
  const file = join(folder.path, 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder.path}/`,
    // Started as root it drops to a user who may not read this folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    'log_dest stderr',
    ...(config.some((line) => line.startsWith('max_queued_messages')) ? [] : ['max_queued_messages 0']),
    ...config,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  let child: ChildProcess | null = null

  async function start(): Promise<void> {
    child = spawn(PROGRAM, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-4_000)
    })
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`mosquitto ended: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = child
    child = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill('SIGCONT')
    running.kill(signal)
    await gone
  }

  await start()
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    marksRepeats: true,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    forget: () => rm(join(folder.path, 'mosquitto.db'), { force: true }),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return address.port
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
