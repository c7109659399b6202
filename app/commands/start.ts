import type { Command } from 'commander'
import { startSite } from '../site.ts'
import { withTools } from '../tools.ts'
import { portOption } from './port-option.ts'

export interface StartOptions {
  readonly camera?: readonly string[]
  readonly credentialsFile?: string
  readonly config?: string
  readonly samples?: boolean
  readonly model?: string
  readonly port: number
  readonly listen: string
  readonly data?: string
}

export function addStart(program: Command): void {
  program
    .command('start')
    .description(
      'everything on this machine with embedded defaults; without --config or --camera with sample cameras',
    )
    .option(
      '--camera <url>',
      'a camera: rtsp://, http(s):// (MJPEG), a file or a folder; may be given again',
      collect,
    )
    .option('--credentials-file <file>', 'file with user:password for --camera')
    .option('--config <city.yaml>', 'cameras, departments, routes and users of this file')
    .option('--samples', 'sample cameras beside those of --config or --camera')
    .option('--model <id or file>', 'detector, or "none"; default: what models/default.json names')
    .option('--port <number>', 'port of the pages', portOption, 8080)
    .option('--listen <address>', 'address to listen on', '127.0.0.1')
    .option('--data <dir>', 'data folder')
    .action((options: StartOptions) =>
      withTools('sharp-eyes', (tools) => startSite(options, tools), process.env.SHARP_EYES_LOG ?? 'warn'),
    )
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value]
