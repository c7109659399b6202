import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SharpEyesError } from '../../core/errors.ts'
import { fetchKafka } from './fetch.ts'
import { brokerAnswers, freePort, portTaken } from './ports.ts'
import { serverProperties } from './properties.ts'
import { runProgram, spawnFailure } from './run.ts'

export interface KafkaOptions {
  /** Log, settings and what the broker says. Kept: started again here, the broker has its topics and messages. */
  readonly folder: string
  /** On loopback; absent: a free one. */
  readonly port?: number
  /** Java heap, for example `512m`. */
  readonly heap?: string
  /** More lines of server.properties, and arguments of `StorageTool format` (SCRAM users), for brokers with log-in. */
  readonly more?: Readonly<Record<string, string>>
  readonly format?: readonly string[]
}

/** A real Apache Kafka of one node (KRaft: broker and controller in one process). */
export interface KafkaBroker extends AsyncDisposable {
  readonly brokers: readonly [string]
  readonly port: number
  /** Of the process that runs now; null: none does. */
  readonly pid: number | null
  /** Ends it in order; what was acknowledged is kept. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void
  resume(): void
  /** Starts it again on its folder, after `stop` or `kill`; one that runs is stopped first. */
  restart(): Promise<void>
  /** Resolves when the present process ends, for whatever reason. */
  exited(): Promise<void>
}

const START_MS = 120_000
const STOP_MS = 30_000

/** Starts the broker; resolves when it answers. Rejects with `dependency_missing` or `port_taken` and the way out. */
export async function startKafka(options: KafkaOptions): Promise<KafkaBroker> {
  const { folder, heap = '512m', port } = options
  if (port !== undefined && (await portTaken(port)))
    throw new SharpEyesError('port_taken', `port ${port} of 127.0.0.1 is taken; give another one with --port`)
  const jars = await fetchKafka()
  await mkdir(folder, { recursive: true })
  const place = {
    port: port ?? (await freePort()),
    controllerPort: await freePort(),
    dataFolder: join(folder, 'log'),
  }
  const settings = join(folder, 'server.properties')
  await writeFile(settings, serverProperties(place, options.more ?? {}))
  const java = (args: readonly string[]) => ['-cp', join(jars, '*'), ...args]
  if (!existsSync(join(place.dataFolder, 'meta.properties')))
    await runProgram(
      'java',
      java([
        'kafka.tools.StorageTool',
        'format',
        '-t',
        clusterId(),
        '-c',
        settings,
        ...(options.format ?? []),
      ]),
      folder,
    )

  let running: Running | null = await launch()
  const end = async (signal: NodeJS.Signals) => {
    if (!running) return
    const { child, exited } = running
    child.kill(signal)
    const late = new AbortController()
    const timer = delay(STOP_MS, 'late', { signal: late.signal }).catch(() => 'done')
    if ((await Promise.race([exited, timer])) === 'late') child.kill('SIGKILL')
    late.abort()
    await exited
    running = null
  }

  async function launch(): Promise<Running> {
    const output = join(folder, 'broker.log')
    const log = await open(output, 'w')
    const child = spawn(
      'java',
      java([
        `-Xmx${heap}`,
        // The collector that needs the least memory and threads.
        '-XX:+UseSerialGC',
        '-XX:+ExitOnOutOfMemoryError',
        '-Dlog4j2.level=WARN',
        'kafka.Kafka',
        settings,
      ]),
      { cwd: folder, stdio: ['ignore', log.fd, log.fd] },
    )
    const exited = new Promise<void>((resolve, reject) => {
      child.once('exit', () => resolve())
      child.once('error', (error) => reject(spawnFailure('java', error)))
    })
    await log.close()
    const orphaned = () => child.kill('SIGKILL')
    process.once('exit', orphaned)
    void exited.finally(() => process.off('exit', orphaned)).catch(() => undefined)
    let ended = false
    await Promise.race([exited.then(() => (ended = true)), answers()])
    if (ended) throw new SharpEyesError('internal', `Kafka ended at its start:\n${await lastLines(output)}`)
    return { child, exited }
  }

  async function answers(): Promise<void> {
    const deadline = performance.now() + START_MS
    while (!(await brokerAnswers(place.port, 5_000))) {
      if (performance.now() > deadline)
        throw new SharpEyesError('internal', `Kafka does not answer ${START_MS / 1000} s after its start`)
      await delay(100)
    }
  }

  return {
    brokers: [`127.0.0.1:${place.port}`],
    port: place.port,
    get pid() {
      return running?.child.pid ?? null
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void running?.child.kill('SIGSTOP'),
    resume: () => void running?.child.kill('SIGCONT'),
    async restart() {
      await end('SIGTERM')
      running = await launch()
    },
    exited: () => running?.exited ?? Promise.resolve(),
    async [Symbol.asyncDispose]() {
      running?.child.kill('SIGCONT') // a stopped process cannot end in order
      await end('SIGTERM')
    },
  }
}

interface Running {
  readonly child: ChildProcess
  readonly exited: Promise<void>
}

/** 16 random bytes as Kafka writes them; a leading "-" would look like an option. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? clusterId() : id
}

const lastLines = async (path: string): Promise<string> =>
  (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-12).join('\n')
