import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../adapters/clock.ts'
import { type EmbeddedPostgres, freePort, startEmbeddedPostgres } from '../../adapters/postgres/embedded.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { startKafka } from '../kafka/broker.ts'
import { answers, createPart, type Part } from './part.ts'

const run = promisify(execFile)
const MAIN = resolve(import.meta.dirname, '../../app/main.ts')
/** Twenty-four connections a role at most, four for its jobs and some that listen, for a handful of roles. */
const CONNECTIONS = 300
/** Of the first worker; the others have the next ones. */
const HJ212_PORT = 9_212

export interface DeploymentOptions {
  /** Everything is below it. As root it must be one that other users can reach. */
  readonly folder: string
  /** City file; its secrets are read by `apply` and by the alerting roles. */
  readonly city: string
  readonly log: Log
  readonly apis?: number
  readonly alerts?: number
  readonly workers?: number
  /** An MQTT broker; absent: mosquitto is started when it is installed. */
  readonly mqttUrl?: string
  /** Arguments of every worker, for example a model. */
  readonly workerArgs?: readonly string[]
  /** What runs as a worker instead of the role `ingest` of the program; it takes the same arguments. */
  readonly workerProgram?: string
  /** Environment of worker n, from 1. */
  readonly workerEnv?: (n: number) => Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

/** The shape of deploy/compose.yaml, as processes of this machine on loopback. */
export interface Deployment extends AsyncDisposable {
  readonly databaseUrl: string
  /** Holds `databaseUrl`. */
  readonly databaseUrlFile: string
  /** Data folder of the roles api and alerts, and of commands. */
  readonly siteFolder: string
  readonly brokers: string
  readonly mqttUrl: string
  readonly apis: readonly string[]
  /** `postgres`, `kafka`, `mosquitto`, `api-1` …, `alerts-1` …, `worker-1` … */
  readonly parts: ReadonlyMap<string, Part>
  /** Runs a command of the program on this deployment; rejects with its words. */
  command(...args: readonly string[]): Promise<string>
}

/** Starts everything in the order in which each needs the one before; what was started is ended when it fails. */
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { folder, log } = options
  const parts = new Map<string, Part>()
  const logs = join(folder, 'logs')
  const secrets = join(folder, 'secrets')
  for (const path of [logs, secrets]) await mkdir(path, { recursive: true })
  await chmod(secrets, 0o700)
  const stop = async () => {
    // Roles before what they need.
    for (const part of [...parts.values()].toReversed()) await part.stop()
  }
  const begin = async (part: Part) => {
    parts.set(part.name, part)
    await part.start()
  }
  try {
    const postgres = await postgresPart(join(folder, 'postgres'), log)
    await begin(postgres.part)
    const kafka = await kafkaPart(join(folder, 'kafka'))
    await begin(kafka.part)
    const mqttUrl = options.mqttUrl ?? (await startMosquitto(join(folder, 'mosquitto'), logs, begin))

    const env: Record<string, string> = {
      DATABASE_URL: '',
      KAFKA_BROKERS: kafka.brokers,
      MQTT_URL: mqttUrl,
      ...options.env,
    }
    const databaseFile = join(secrets, 'database-url')
    await writeFile(databaseFile, postgres.url(), { mode: 0o600 })
    const withDatabase = { ...env, DATABASE_URL_FILE: databaseFile }
    const site = join(folder, 'site')
    const command = async (...args: readonly string[]) => {
      const { stdout } = await run(process.execPath, [MAIN, ...args], {
        env: { ...process.env, ...withDatabase },
      })
      return stdout
    }
    await command('migrate', '--data', site)
    await command('apply', '-f', options.city, '--data', site)

    const role = async (
      name: string,
      args: readonly string[],
      more: Record<string, string>,
      data: string,
    ) => {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      await begin(
        createPart({
          name,
          command: process.execPath,
          args: [...args, '--port', String(port), '--data', data],
          env: { ...more, ...(args[1] === 'ingest' ? { WORKER_URL: url } : {}) },
          logFile: join(logs, `${name}.log`),
          isReady: () => answers(`${url}/api/health`),
        }),
      )
      return url
    }
    const apis: string[] = []
    const sessionFile = join(secrets, 'session')
    if (!existsSync(sessionFile))
      await writeFile(sessionFile, randomBytes(32).toString('base64url'), { mode: 0o600 })
    const api = { ...withDatabase, SESSION_SECRET_FILE: sessionFile }
    for (let n = 1; n <= (options.apis ?? 1); n += 1)
      apis.push(await role(`api-${n}`, [MAIN, 'api'], api, site))
    for (let n = 1; n <= (options.alerts ?? 1); n += 1)
      await role(`alerts-${n}`, [MAIN, 'alerts'], { ...withDatabase, PUBLIC_URL: apis[0] ?? '' }, site)
    for (let n = 1; n <= (options.workers ?? 2); n += 1) {
      const name = `worker-${n}`
      const tokenFile = join(secrets, name)
      const made = await readFile(tokenFile, 'utf8').catch(() => null)
      if (made === null) {
        const { token } = JSON.parse(await command('workers', 'add', name, '--json')) as { token: string }
        await writeFile(tokenFile, token, { mode: 0o600 })
      }
      // A worker has no database: only the address of an API and its token.
      const worker = {
        ...env,
        CONTROL_URL: apis[(n - 1) % apis.length] ?? '',
        WORKER_TOKEN_FILE: tokenFile,
        HJ212_PORT: String(HJ212_PORT + n - 1),
        ...options.workerEnv?.(n),
      }
      await role(
        name,
        [options.workerProgram ?? MAIN, 'ingest', ...(options.workerArgs ?? [])],
        worker,
        join(folder, name),
      )
    }
    return {
      databaseUrl: postgres.url(),
      databaseUrlFile: databaseFile,
      siteFolder: site,
      brokers: kafka.brokers,
      mqttUrl,
      apis,
      parts,
      command,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The embedded server on one port, so that it comes back where the others look for it. */
async function postgresPart(folder: string, log: Log) {
  const port = await freePort()
  await mkdir(folder, { recursive: true })
  let server: EmbeddedPostgres | null = null
  const signal = (name: NodeJS.Signals) => {
    if (server) process.kill(server.pid, name)
  }
  const part: Part = {
    name: 'postgres',
    get pid() {
      return server?.pid ?? null
    },
    async stop() {
      if (server) signal('SIGCONT')
      await server?.[Symbol.asyncDispose]()
      server = null
    },
    async kill() {
      signal('SIGKILL')
      await server?.[Symbol.asyncDispose]()
      server = null
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async start() {
      await part.stop()
      server = await startEmbeddedPostgres({
        folder,
        log,
        clock: systemClock,
        port,
        maxConnections: CONNECTIONS,
      })
    },
  }
  let url = ''
  return {
    part,
    url() {
      url = server?.url ?? url
      return url
    },
  }
}

async function kafkaPart(folder: string) {
  const port = await freePort()
  let broker: Awaited<ReturnType<typeof startKafka>> | null = null
  const part: Part = {
    name: 'kafka',
    get pid() {
      return broker?.pid ?? null
    },
    stop: async () => broker?.stop(),
    kill: async () => broker?.kill(),
    pause: () => broker?.pause(),
    resume: () => broker?.resume(),
    async start() {
      if (broker) await broker.restart()
      else broker = await startKafka({ folder, port })
    },
  }
  return { part, brokers: `127.0.0.1:${port}` }
}

/** As deploy/mosquitto/mosquitto.conf: nothing is dropped for a slow subscriber, and sessions outlive a restart. */
async function startMosquitto(
  folder: string,
  logs: string,
  begin: (part: Part) => Promise<void>,
): Promise<string> {
  const port = await freePort()
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o777) // as root it becomes the user mosquitto
  const file = join(folder, 'mosquitto.conf')
  const settings = await readFile(join(import.meta.dirname, '../mosquitto/mosquitto.conf'), 'utf8')
  await writeFile(
    file,
    settings
      .replace(/^listener .*$/m, `listener ${port} 127.0.0.1`)
      .replace(/^persistence_location .*$/m, `persistence_location ${folder}/`),
  )
  const { connect } = await import('node:net')
  const listens = () =>
    new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        done(true)
      })
      socket.once('error', () => done(false))
    })
  await begin(
    createPart({
      name: 'mosquitto',
      command: 'mosquitto',
      args: ['-c', file],
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
      logFile: join(logs, 'mosquitto.log'),
      isReady: listens,
    }),
  )
  return `mqtt://127.0.0.1:${port}`
}
