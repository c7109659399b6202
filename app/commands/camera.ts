import type { Command } from 'commander'
import { probeCamera } from '../../ingest/probe/probe.ts'
import { withTools } from '../tools.ts'

export function addCamera(program: Command): void {
  const camera = program.command('camera').description('look at a camera').exitOverride()
  camera
    .command('probe')
    .description('codec, size, rate, key-frame interval, clock and problems, in plain words')
    .argument('<url>', 'rtsp://, http(s):// (MJPEG), a file or a folder; no credentials in it')
    .option('--credentials-file <file>', 'file with user:password')
    .option('--json', 'one JSON object')
    .action((url: string, { credentialsFile, json }: { credentialsFile?: string; json?: boolean }) =>
      withTools('camera', async (tools) => {
        const report = await probeCamera(url, {
          ...(credentialsFile === undefined ? {} : { credentialsFile }),
          mediaTools: tools.mediaTools(),
          clock: tools.clock,
          log: tools.log,
          metrics: tools.metrics,
          signal: tools.signal,
        })
        process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${report.lines.join('\n')}\n`)
      }),
    )
}
