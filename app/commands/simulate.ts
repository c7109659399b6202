import { type Command, InvalidArgumentError } from 'commander'
import { createControlLink } from '../../adapters/control/link.ts'
import { createHttpEventTransport } from '../../adapters/control/transport.ts'
import { createKafkaTransport } from '../../adapters/kafka/transport.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { noTracer } from '../../core/trace.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { openAlerting } from '../roles/alerting.ts'
import { openBus } from '../roles/bus.ts'
import { type LoadReport, runLoad } from '../simulate/load.ts'
import { type Tools, withTools } from '../tools.ts'
import { VERSION } from '../version.ts'

interface Options {
  readonly cameras: number
  readonly eventsPerS: number
  readonly seconds: number
  readonly data?: string
  readonly json?: boolean
}

/**
 * Load for capacity tests, straight to the transport that a worker would use: Kafka when KAFKA_BROKERS is set, the API of
 * CONTROL_URL, else the database. It makes alerts of cameras named `sim-…`: use it on a site that is not on duty.
 */
export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('events of cameras that do not exist, for capacity tests; not on a site that is on duty')
    .requiredOption('--cameras <n>', 'cameras they come from', numberUpTo(1_000_000))
    .requiredOption(
      '--events-per-s <m>',
      'events that begin in a second; each is a start, an update and an end',
      rate,
    )
    .option('--seconds <s>', 'how long', numberUpTo(86_400), 60)
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object')
    .action((options: Options) =>
      withTools('simulate', async (tools) => {
        const { transport, way } = await openTransport(options, tools)
        const report = await runLoad({ ...options, transport, clock: tools.clock, signal: tools.signal })
        process.stdout.write(`${options.json ? JSON.stringify({ way, ...report }) : textOf(way, report)}\n`)
      }),
    )
}

async function openTransport(
  { data }: Options,
  tools: Tools,
): Promise<{ readonly transport: EventTransport; readonly way: string }> {
  const bus = await openBus(tools)
  if (bus)
    return { transport: createKafkaTransport(bus.producer), way: `Kafka ${bus.settings.brokers.join(', ')}` }
  const { control } = await tools.settings()
  if (control) {
    const link = createControlLink({ ...control, instance: 'simulate', version: VERSION })
    return { transport: createHttpEventTransport(link), way: control.url }
  }
  const folder = await dataFolder(data)
  const { database, url, kind } = await openDatabase({ folder, tools, own: false })
  const alerting = await openAlerting({
    tools,
    database,
    databaseUrl: url,
    publicUrl: 'http://127.0.0.1:8080',
    tracer: noTracer,
  })
  return { transport: createDirectTransport(alerting.receivers), way: `${kind} database` }
}

const textOf = (way: string, report: LoadReport): string =>
  [
    `${report.messages} messages of ${report.events} events from ${report.cameras} cameras in ${report.seconds.toFixed(1)} s to ${way}`,
    `${report.wantedPerS.toFixed(0)} messages/s were due; each was acknowledged ${report.latenessMs.p50.toFixed(0)} ms (p50), ${report.latenessMs.p99.toFixed(0)} ms (p99) later; ${report.failures} calls failed and were made again`,
    `a call took ${report.callMs.p50.toFixed(1)} ms (p50), ${report.callMs.p99.toFixed(1)} ms (p99); ${report.batch} messages a call at most`,
  ].join('\n')

const numberUpTo = (most: number) => (value: string) => {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new InvalidArgumentError(`a whole number from 1 to ${most}`)
}
const rate = (value: string) => {
  const number = Number(value)
  if (number > 0 && number <= 100_000) return number
  throw new InvalidArgumentError('a number over 0, at most 100000')
}
