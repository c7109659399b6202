import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { Detection, Frame } from '../../core/frame.ts'
import { detectLine } from '../../inference/model/detect-line.ts'
import { openFrames } from '../frames.ts'
import { openDetector } from '../model.ts'
import { withTools } from '../tools.ts'

interface DetectOptions {
  readonly model: string
  readonly fps?: number
  readonly json?: boolean
  readonly credentialsFile?: string
}

export function addDetect(program: Command): void {
  program
    .command('detect')
    .description('run a model over an image, a clip or a stream; one line a sampled frame')
    .argument('<source>', 'image, clip, rtsp:// or http(s):// stream')
    .requiredOption('--model <id or file>', 'the model')
    .option('--fps <number>', 'pictures a second that are looked at', positive)
    .option('--json', 'one JSON line a sampled frame')
    .option('--credentials-file <file>', 'file with user:password of a stream')
    .action((source: string, options: DetectOptions) =>
      withTools('detect', async (tools) => {
        const { fps, credentialsFile } = options
        const detector = await openDetector(options.model, tools)
        const frames = openFrames(
          source,
          {
            ...(fps === undefined ? {} : { fps }),
            ...(credentialsFile === undefined ? {} : { credentialsFile }),
          },
          tools,
        )
        for await (const { frame, detections } of detector.detectAll(frames)) {
          const line = options.json ? detectLine(frame, detections) : plain(frame, detections)
          process.stdout.write(`${line}\n`)
        }
      }),
    )
}

function plain(frame: Frame, detections: readonly Detection[]): string {
  const found = detections.map(
    (d) => `${d.label} ${d.score.toFixed(2)} [${d.box.map((v) => v.toFixed(3)).join(' ')}]`,
  )
  return `${(frame.mediaMs / 1_000).toFixed(2).padStart(8)} s  ${found.join('; ') || '-'}`
}

export function positive(value: string): number {
  const number = Number(value)
  if (number > 0 && number <= 60) return number
  throw new InvalidArgumentError('a rate is a number above 0, at most 60')
}
