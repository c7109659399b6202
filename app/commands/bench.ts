import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { benchBus } from '../bench/bus.ts'
import { benchBusy } from '../bench/busy.ts'
import { benchEvents } from '../bench/events.ts'
import { benchHistory, type HistoryOptions } from '../bench/history.ts'
import { benchHj212 } from '../bench/hj212.ts'
import { benchLatency } from '../bench/latency.ts'
import { readMachine } from '../bench/machine.ts'
import { benchQuiet } from '../bench/quiet.ts'
import { type BenchReport, printReport } from '../bench/report.ts'
import { benchMqtt } from '../bench/sensors-mqtt.ts'
import { type Tools, withTools } from '../tools.ts'
import { count } from './number-option.ts'

interface Common {
  readonly json?: boolean
}

/** Measured figures with their baselines of the same minute; docs/benchmarks.md says what each means. */
export function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .description('measured figures beside bare ffmpeg and bare ONNX Runtime (docs/benchmarks.md); Linux only')
    .exitOverride()
  bench
    .command('quiet')
    .description('cores (and memory) of cameras on which nothing happens, beside bare ffmpeg')
    .option('--cameras <n>', 'cameras at once', count(1, 64), 8)
    .option('--seconds <n>', 'length of a run', count(5, 120), 20)
    .option('--runs <n>', 'runs', count(1, 9), 3)
    .option('--rtsp', "over RTSP from GStreamer's server, instead of played films")
    .option('--pss', 'also the memory of one more camera, from 4 to 16')
    .option('--model <id or file>', 'with a detector')
    .option('--json', 'one JSON object')
    .action((options: QuietFlags) => run(options, (tools) => benchQuiet(flags(options), tools)))
  bench
    .command('busy')
    .description('processor time of one camera at full attention, beside bare ffmpeg and bare ONNX Runtime')
    .requiredOption('--model <id or file>', 'the detector')
    .option('--clip <file>', 'a film that never stands still; default: one drawn for the bench')
    .option('--seconds <n>', 'length of a run', count(5, 120), 20)
    .option('--runs <n>', 'runs', count(1, 9), 3)
    .option('--rtsp', "over RTSP from GStreamer's server, instead of a played film")
    .option('--json', 'one JSON object')
    .action((options: BusyFlags) => run(options, (tools) => benchBusy(flags(options), tools)))
  bench
    .command('latency')
    .description('capture → alert in the database → client of the change stream, with pictures and without')
    .option('--cameras <n>', 'cameras at once', count(1, 64), availableParallelism())
    .option('--events <n>', 'alerts to wait for', count(1, 200), 12)
    .option('--rtsp', "over RTSP from GStreamer's server, instead of played films")
    .option('--json', 'one JSON object')
    .action((options: LatencyFlags) => run(options, (tools) => benchLatency(flags(options), tools)))
  bench
    .command('events')
    .description('events a second through spool, direct transport, inbox and change log')
    .option('--events <n>', 'events a run, three messages each', count(10, 100_000), 700)
    .option('--runs <n>', 'runs', count(1, 9), 3)
    .option('--json', 'one JSON object')
    .action((options: Common & { events: number; runs: number }) =>
      run(options, (tools) => benchEvents(options, tools)),
    )
  bench
    .command('bus')
    .description(
      'events a second through a real Kafka into PostgreSQL, beside a bare loop; needs Java and Maven',
    )
    .option('--events <n>', 'messages of the fast run', count(100, 1_000_000), 30_000)
    .option('--seconds <n>', 'length of the paced run', count(2, 600), 20)
    .option('--rate <n>', 'messages a second of the paced run', count(1, 100_000), 500)
    .option('--runs <n>', 'runs', count(1, 9), 3)
    .option('--json', 'one JSON object')
    .action((options: Common & { events: number; seconds: number; rate: number; runs: number }) =>
      run(options, (tools) => benchBus(options, tools)),
    )
  bench
    .command('history')
    .description('questions about a long history of events: one camera-day, one city-month by type')
    .option(
      '--events <n>',
      'rows of history; 50000000 need 62 GB and up to an hour',
      count(10_000, 100_000_000),
      1_000_000,
    )
    .option('--runs <n>', 'questions of each kind', count(1, 1_000), 200)
    .option('--keep <dir>', 'keep the filled database there; a later run only asks')
    .option('--json', 'one JSON object')
    .action((options: Common & HistoryOptions) => run(options, (tools) => benchHistory(options, tools)))
  bench
    .command('sensors')
    .description('HJ 212 packets decoded and connections held; MQTT messages into the spool')
    .option('--packets <n>', 'HJ 212 packets a run', count(1_000, 10_000_000), 200_000)
    .option('--connections <n>', 'HJ 212 connections held', count(1, 10_000), 2_000)
    .option('--messages <n>', 'MQTT messages a run', count(100, 1_000_000), 10_000)
    .option('--runs <n>', 'runs', count(1, 9), 3)
    .option('--json', 'one JSON object')
    .action((options: Common & SensorFlags) =>
      run(options, async (tools) =>
        together('sensors', [await benchHj212(options, tools), await benchMqtt(options, tools)]),
      ),
    )
  for (const command of bench.commands) command.exitOverride()
}

interface SensorFlags {
  readonly packets: number
  readonly connections: number
  readonly messages: number
  readonly runs: number
}
interface Rtsp {
  readonly rtsp?: boolean
}
type QuietFlags = Common &
  Rtsp & { pss?: boolean; cameras: number; seconds: number; runs: number; model?: string }
type BusyFlags = Common & Rtsp & { model: string; clip?: string; seconds: number; runs: number }
type LatencyFlags = Common & Rtsp & { cameras: number; events: number }

/** Benches of one subject as one answer. */
const together = (name: string, reports: readonly BenchReport[]): BenchReport => ({
  bench: name,
  about: reports.flatMap(({ about }) => about),
  figures: reports.flatMap(({ figures }) => figures),
  warnings: reports.flatMap(({ warnings }) => warnings),
})

/** Switches that were not given are off. */
const flags = <T extends Rtsp & { readonly pss?: boolean }>(options: T) => ({
  ...options,
  rtsp: options.rtsp === true,
  pss: options.pss === true,
})

async function run({ json }: Common, measure: (tools: Tools) => Promise<BenchReport>): Promise<void> {
  // Before anything of ours loads the machine.
  const machine = readMachine()
  await withTools('bench', async (tools) => printReport(await measure(tools), machine, json))
}
