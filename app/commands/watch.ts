import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { isTimeZone } from '../../core/config/city.ts'
import type { Frame } from '../../core/frame.ts'
import type { EventChange } from '../../inference/watch/lifecycle.ts'
import { filmIds, watchLine } from '../../inference/watch/line.ts'
import { loadRuleSet } from '../../inference/watch/presets.ts'
import { createWatcher } from '../../inference/watch/watcher.ts'
import { openFrames } from '../frames.ts'
import { chosenModel, openDetector, TRACKER_MIN_SCORE } from '../model.ts'
import { withTools } from '../tools.ts'
import { uuidv7 } from '../worker/ids.ts'

interface WatchOptions {
  readonly rules: string
  readonly model?: string
  readonly json?: boolean
  readonly timezone: string
  readonly credentialsFile?: string
}

const ANALYSIS_WIDTH = 640
/** What full attention of a camera samples at. */
const FPS = 5

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('the whole vision path over a clip or a stream, without a bus; one line an event change')
    .argument('<source>', 'clip, rtsp:// or http(s):// stream')
    .requiredOption(
      '--rules <street|environment|kitchen|FILE>',
      'a preset, or a YAML file with zones and rules',
    )
    .option('--model <id or file>', 'detector, or "none"; default: what models/default.json names')
    .option('--json', 'one JSON line an event change')
    .option('--timezone <name>', 'time zone of hours in rules', timeZone, 'Asia/Shanghai')
    .option('--credentials-file <file>', 'file with user:password of a stream')
    .action((source: string, options: WatchOptions) =>
      withTools('watch', async (tools) => {
        const rules = await loadRuleSet(options.rules)
        const model = chosenModel(options.model)
        const detector = model
          ? await openDetector(model.name, tools, { minScore: TRACKER_MIN_SCORE, unused: model.unused })
          : null
        const watcher = createWatcher({
          camera: { id: basename(source), zones: mutable(rules.zones), privacy: [], rules: [...rules.rules] },
          timezone: options.timezone,
          detector,
          newId: await ids(source),
          log: tools.log,
          metrics: tools.metrics,
        })
        for (const { type, reason } of watcher.unavailable)
          process.stderr.write(`${type} is unavailable: ${reason}\n`)
        const frames = openFrames(
          source,
          {
            fps: FPS,
            width: ANALYSIS_WIDTH,
            ...(options.credentialsFile === undefined ? {} : { credentialsFile: options.credentialsFile }),
          },
          tools,
        )
        let last: Frame | null = null
        for await (const frame of frames) {
          last = frame
          for (const change of (await watcher.step(frame)).changes) say(change, frame, options.json)
        }
        if (last)
          for (const change of watcher.close('the film ended', last.capturedAt))
            say(change, last, options.json)
      }),
    )
}

function timeZone(name: string): string {
  if (isTimeZone(name)) return name
  throw new InvalidArgumentError('no such time zone; write for example Asia/Shanghai')
}

/** A film gives the same ids in every run; a stream new ones. */
async function ids(source: string): Promise<() => string> {
  if (/^[a-z]+:\/\//i.test(source)) return uuidv7
  const bytes = await readFile(source).catch(() => Buffer.from(source))
  return filmIds(createHash('sha256').update(bytes).digest('hex'))
}

const mutable = (zones: Awaited<ReturnType<typeof loadRuleSet>>['zones']) =>
  Object.fromEntries(
    Object.entries(zones).map(([id, polygon]) => [id, polygon.map(([x, y]): [number, number] => [x, y])]),
  )

function say(change: EventChange, frame: Frame, json: boolean | undefined): void {
  const line = watchLine(change, frame)
  const text = json
    ? JSON.stringify(line)
    : `${line.t.toFixed(2).padStart(8)} s  ${line.kind.padEnd(6)} ${line.type}${line.zone ? ` in ${line.zone}` : ''}, severity ${line.severity}, score ${line.score}, since ${line.since} s`
  process.stdout.write(`${text}\n`)
}
