import type { Command } from 'commander'
import { probeCamera } from '../../ingest/probe/probe-camera.ts'
import type { CameraReport } from '../../ingest/probe/report.ts'
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
        const { clock, log, metrics, signal } = tools
        const report = await probeCamera(
          url,
          { mediaTools: tools.mediaTools(), clock, log, metrics },
          { signal, ...(credentialsFile === undefined ? {} : { credentialsFile }) },
        )
        process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${inWords(report)}\n`)
      }),
    )
}

function inWords(report: CameraReport): string {
  const rows: [string, string][] = [
    [
      'codec',
      `${report.codecName} (${report.codec})${report.encodedFrom ? `, encoded anew from ${report.encodedFrom}` : ''}`,
    ],
    ['size', `${report.width}x${report.height}`],
    ['rate', `${report.fps} pictures/s, ${report.kbitPerSecond} kbit/s`],
    [
      'key frames',
      report.keyFrameSeconds === null
        ? `none twice in ${report.watchedSeconds} s`
        : `every ${report.keyFrameSeconds} s`,
    ],
    ['B-frames', report.bFrames ? 'yes' : 'no'],
    [
      'clock',
      `${report.clock.kind}, error up to ${report.clock.errorMs} ms${report.clockRate === null ? '' : `, rate ${report.clockRate}`}`,
    ],
    ['first picture', `${report.firstPictureMs} ms`],
  ]
  const lines = rows.map(([key, value]) => `${key.padEnd(15)}${value}`)
  const problems = report.problems.map((problem) => `! ${problem.en}`)
  return [...lines, ...(problems.length > 0 ? problems : ['no problems found'])].join('\n')
}
