import { type Command, InvalidArgumentError } from 'commander'
import {
  type DeadLetterFacts,
  listDeadLetters,
  type Replayed,
  readDeadLetter,
  replayDeadLetter,
  waitingDeadLetters,
} from '../../alerts/inbox/replay.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { noTracer } from '../../core/trace.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { openAlerting } from '../roles/alerting.ts'
import { type Tools, withTools } from '../tools.ts'
import { whoRuns } from '../who-runs.ts'

interface Common {
  readonly data?: string
  readonly json?: boolean
}

/** Messages that could not be applied: what they are, and handing them to the inbox again. */
export function addDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('messages that could not be applied: list, show, replay')
    .exitOverride()
  letters
    .command('list')
    .description('the newest first, with the reason')
    .option('--replayed', 'also those that were replayed')
    .option('--limit <n>', 'how many', whole(1, 10_000), 50)
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object a line')
    .action((options: Common & { replayed?: boolean; limit: number }) =>
      withDatabase(options, async ({ database }) => {
        const { limit } = options
        const list = await listDeadLetters(database, { replayed: options.replayed === true, limit })
        for (const letter of list) say(options.json ? JSON.stringify(letter) : lineOf(letter))
        if (list.length === 0 && !options.json) say('no dead letters')
      }),
    )
  letters
    .command('show')
    .description('one with its content')
    .requiredOption('--id <n>', 'its number', id)
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object, the content in base64')
    .action((options: Common & { id: string }) =>
      withDatabase(options, async ({ database }) => {
        const { content, ...letter } = await readDeadLetter(database, options.id)
        if (options.json) return say(JSON.stringify({ ...letter, content: content.toString('base64') }))
        say(lineOf(letter))
        say(content.toString('utf8'))
      }),
    )
  letters
    .command('replay')
    .description('hand it to the inbox again; what fails again is a new dead letter')
    .option('--id <n>', 'its number', id)
    .option('--all', 'all that wait, in the order in which they came')
    .option('--actor <name>', 'who does it', whoRuns())
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object a letter')
    .action((options: Common & { id?: string; all?: boolean; actor: string }) =>
      withDatabase(options, (site) => replay(options, site)),
    )
  for (const command of letters.commands) command.exitOverride()
}

interface Site {
  readonly tools: Tools
  readonly database: Awaited<ReturnType<typeof openDatabase>>['database']
  readonly databaseUrl: string
}

async function replay(
  options: Common & { id?: string; all?: boolean; actor: string },
  { tools, database, databaseUrl }: Site,
): Promise<void> {
  if ((options.id === undefined) === (options.all !== true))
    throw new SharpEyesError('invalid', 'give --id N for one dead letter, or --all for all that wait')
  const ids = options.id === undefined ? await waitingDeadLetters(database) : [options.id]
  // What the letters open is routed and told like any other alert.
  const publicUrl = (await tools.settings()).publicUrl ?? 'http://127.0.0.1:8080'
  const { receivers } = await openAlerting({ tools, database, databaseUrl, publicUrl, tracer: noTracer })
  const { clock, log, metrics, signal } = tools
  let refused = 0
  for (const letter of ids) {
    if (signal.aborted) break
    const replayed = await replayDeadLetter(
      { database, receivers, clock, log, metrics },
      letter,
      options.actor,
    )
    if (replayed.outcome === 'refused') refused += 1
    say(options.json ? JSON.stringify(replayed) : outcomeOf(replayed))
  }
  if (ids.length === 0 && !options.json) say('no dead letters wait')
  if (refused > 0)
    throw new SharpEyesError(
      'invalid',
      `${refused} of ${ids.length} failed again; "dead-letters list" says why`,
    )
}

const withDatabase = ({ data }: Common, work: (site: Site) => Promise<void> | void): Promise<void> =>
  withTools('dead-letters', async (tools) => {
    const folder = await dataFolder(data)
    const { database, url } = await openDatabase({ folder, tools, own: false })
    await work({ tools, database, databaseUrl: url })
  })

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function lineOf({ id, at, topic, bytes, error, ...letter }: DeadLetterFacts): string {
  const replayed = letter.replayedAt
    ? `  [replayed by ${letter.replayedBy} at ${letter.replayedAt.toISOString()}: ${letter.outcome}]`
    : ''
  return `${id}  ${at.toISOString()}  ${topic}  ${bytes} bytes  ${error}${replayed}`
}

const outcomeOf = ({ id, topic, outcome, error }: Replayed): string =>
  `${id}  ${topic}  ${outcome}${error === null ? '' : `: ${error}`}`

const id = (value: string): string => {
  if (/^[1-9]\d{0,17}$/.test(value)) return value
  throw new InvalidArgumentError('the number that "dead-letters list" shows')
}

const whole = (least: number, most: number) => (value: string) => {
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new InvalidArgumentError(`a whole number from ${least} to ${most}`)
}
