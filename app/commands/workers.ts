import type { Command } from 'commander'
import {
  addWorkerToken,
  type KnownWorker,
  listWorkers,
  listWorkerTokens,
  revokeWorkerToken,
  type WorkerToken,
} from '../../adapters/postgres/workers.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { withTools } from '../tools.ts'
import { whoRuns } from '../who-runs.ts'

interface Options {
  readonly json?: boolean
  readonly data?: string
}

/** `workers add NAME | list | revoke NAME`: tokens with which processes on other machines may watch cameras. */
export function addWorkers(program: Command): void {
  const workers = program
    .command('workers')
    .description('tokens of workers on other machines, and who is there')
  const command = (usage: string, description: string) =>
    workers
      .command(usage)
      .description(description)
      .option('--json', 'JSON on standard output')
      .option('--data <dir>', 'data folder')

  command('add <name>', 'make a token; it is printed once and kept nowhere').action(
    (name: string, options: Options) =>
      withDatabase(options, async (database) => {
        const token = await addWorkerToken(database, name, whoRuns())
        if (options.json) return say(JSON.stringify({ name, token }))
        say(token)
        process.stderr.write(
          `Put it into a file that only the worker reads (0600) and name that file as WORKER_TOKEN_FILE, and this server as CONTROL_URL.\nNobody can read it again. "sharp-eyes workers revoke ${name}" takes it back.\n`,
        )
      }),
  )
  command('list', 'tokens, and the workers that came with them').action((options: Options) =>
    withDatabase(options, async (database) => {
      const [tokens, known] = await Promise.all([listWorkerTokens(database), listWorkers(database)])
      if (options.json) return say(JSON.stringify({ tokens, workers: known }))
      for (const token of tokens) say(describeToken(token))
      for (const worker of known) say(describeWorker(worker))
      if (tokens.length + known.length === 0) say('no token and no worker yet')
    }),
  )
  command('revoke <name>', 'take a token back; its workers are refused from their next call on').action(
    (name: string, options: Options) =>
      withDatabase(options, async (database) => {
        const token = await revokeWorkerToken(database, name)
        say(options.json ? JSON.stringify(token) : describeToken(token))
      }),
  )
  for (const each of workers.commands) each.exitOverride()
}

const withDatabase = ({ data }: Options, work: (database: Queryable) => Promise<void>): Promise<void> =>
  withTools('workers', async (tools) => {
    const folder = await dataFolder(data)
    const { database } = await openDatabase({ folder, tools, own: false })
    await work(database)
  })

const say = (line: string) => void process.stdout.write(`${line}\n`)

const describeToken = ({ name, createdAt, createdBy, revokedAt, lastSeenAt }: WorkerToken): string => {
  const seen = lastSeenAt ? `shown last at ${lastSeenAt.toISOString()}` : 'never shown'
  const state = revokedAt ? `revoked at ${revokedAt.toISOString()}` : seen
  return `token ${name}: made at ${createdAt.toISOString()} by ${createdBy}, ${state}`
}

const describeWorker = (worker: KnownWorker): string => {
  const { name, version, model, cameras, capacity, present, lastSeenAt, clockSkewMs } = worker
  if (!present) return `worker ${name}: gone, heard of last at ${lastSeenAt.toISOString()}`
  const skew =
    clockSkewMs === null
      ? ''
      : `, its clock ${(Math.abs(clockSkewMs) / 1_000).toFixed(2)} s ${clockSkewMs < 0 ? 'behind' : 'ahead'}`
  return `worker ${name}: ${cameras} cameras (of at most ${capacity}), version ${version}, model ${model ?? 'none'}${skew}`
}
