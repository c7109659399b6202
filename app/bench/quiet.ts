import { findMediaTool } from '../../adapters/media-find.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Tools } from '../tools.ts'
import { type BenchChild, startChild } from './child.ts'
import { makeBenchFilm } from './films.ts'
import { benchFolder } from './folder.ts'
import { type ProcessSample, processTree, pssBytes, treeSeconds } from './proc.ts'
import { type BenchProgram, benchCity, startProgram } from './program.ts'
import { type BenchReport, type Figure, figure } from './report.ts'
import { serveRtsp } from './rtsp.ts'
import { median } from './statistics.ts'
import { readWindows } from './windows.ts'

export interface QuietOptions {
  readonly cameras: number
  readonly seconds: number
  readonly runs: number
  readonly rtsp: boolean
  readonly pss: boolean
  readonly model?: string | undefined
}

/** After a start: connections, backgrounds and the first key frames are behind us, every camera is in sentry. */
const SETTLE_MS = 20_000
/** How often memory is read, and how far apart. */
const PSS_LOOKS = 3
const PSS_APART_MS = 3_000
const PSS_FEW = 4
const PSS_MANY = 16

const MUST_CORES = '≤ 0.030'
const MUST_PSS = '≤ 60'

/** What a usual street camera is watched for; with no model the types that need one only say so. */
const CAMERA = {
  zones: {},
  rules: [
    { id: 'left', type: 'object_left' },
    { id: 'covered', type: 'camera_covered' },
    { id: 'frozen', type: 'camera_frozen' },
    { id: 'fire', type: 'fire' },
    { id: 'lane', type: 'lane_blocked' },
  ],
}

/**
 * N quiet 1080p25 cameras through the whole program (its database and pages included), beside as many bare ffmpegs that
 * pull the same film and decode its key frames. Both run at the same time, so that what disturbs one disturbs the other.
 */
export async function benchQuiet(options: QuietOptions, tools: Tools): Promise<BenchReport> {
  const folder = await benchFolder(tools)
  const most = options.pss ? Math.max(options.cameras, PSS_MANY) : options.cameras
  const film = await makeBenchFilm('quiet', { folder, seconds: 300, signal: tools.signal })
  // A bare ffmpeg and our pull have an address each: the server plays every connection from the beginning.
  const urls = options.rtsp
    ? await serveRtsp(film, most, { tools, folder })
    : Array.from({ length: most }, () => film)
  const setting = { tools, folder, urls, options }
  const cores = await measureCores(setting)
  const memory = options.pss ? await measurePss(setting) : []
  return {
    bench: 'quiet',
    about: [
      `${options.cameras} cameras, ${options.rtsp ? 'RTSP over TCP on loopback' : 'played films'}, 1080p25 H.264, 4 Mbit/s, key frame every 2 s, noise, nothing moves`,
      `model: ${options.model ?? 'none'}; windows of ${options.seconds} s; ours = the whole program with its PostgreSQL ÷ cameras`,
      'bare = one "ffmpeg -skip_frame nokey" a camera, scaled to 640 wide RGB, at the same time',
    ],
    figures: [...cores.figures, ...memory],
    warnings: cores.warnings,
  }
}

interface Setting {
  readonly tools: Tools
  readonly folder: string
  readonly urls: readonly string[]
  readonly options: QuietOptions
}

async function measureCores(setting: Setting): Promise<Pick<BenchReport, 'figures' | 'warnings'>> {
  const { tools, urls, options } = setting
  const { cameras, seconds, runs } = options
  const program = await startQuiet(setting, cameras, 'quiet')
  const bare = urls.slice(0, cameras).map((url) => startBare(url, tools))
  await tools.clock.sleep(SETTLE_MS, tools.signal)
  const read = async () => {
    const [ours, ...theirs] = await Promise.all([
      processTree(program.child.pid),
      ...bare.map((child) => processTree(child.pid)),
    ])
    return { ...byPart(ours), bare: treeSeconds(theirs.flat()) }
  }
  const windows = await readWindows(tools, { count: runs, seconds, read })
  const attentive = await program.attentive()
  for (const child of bare) if (child.ended) throw new SharpEyesError('internal', 'a bare ffmpeg ended early')
  const of = (part: keyof Awaited<ReturnType<typeof read>>) =>
    windows.map((w) => (w.after[part] - w.before[part]) / w.seconds / cameras)
  const ours = of('all')
  const theirs = of('bare')
  const bareTree = await processTree(bare[0]?.pid ?? -1)
  const barePss = await pssBytes(bareTree.map((sample) => sample.pid))
  await Promise.all([program.child.stop(), ...bare.map((child) => child.stop())])
  const figures: Figure[] = [
    figure('ours: a quiet camera, all included', 'cores', ours, MUST_CORES),
    figure('  of it ffmpeg: pull and key-frame decoder', 'cores', of('ffmpeg')),
    figure('  of it our process', 'cores', of('node')),
    figure('  of it PostgreSQL', 'cores', of('database')),
    figure('bare ffmpeg: pull and key frames', 'cores', theirs),
    figure(
      'ratio ours ÷ bare',
      '×',
      ours.map((value, n) => value / (theirs[n] ?? Number.NaN)),
    ),
    figure('PSS of one bare ffmpeg', 'MB', [barePss / 1e6]),
  ]
  const warnings =
    attentive.length === 0
      ? []
      : [`these cameras were not quiet to the program at the end: ${attentive.join('; ')}`]
  return { figures, warnings }
}

/** Processor seconds by what runs. The children that our process has outlived are ffmpegs and ffprobes. */
function byPart(tree: readonly ProcessSample[]) {
  const all = treeSeconds(tree)
  const database = treeSeconds(tree.filter(({ name }) => name === 'postgres'))
  const node = tree
    .filter(({ name }) => name !== 'postgres' && !/^ff(mpeg|probe)$/.test(name))
    .reduce((sum, sample) => sum + sample.ownSeconds, 0)
  return { all, database, node, ffmpeg: all - database - node }
}

async function measurePss(setting: Setting): Promise<readonly Figure[]> {
  const few = await pssWith(setting, PSS_FEW)
  const many = await pssWith(setting, PSS_MANY)
  const marginal = many.map((bytes) => (bytes - median(few)) / (PSS_MANY - PSS_FEW) / 1e6)
  const megabytes = (list: readonly number[]) => list.map((bytes) => bytes / 1e6)
  return [
    figure(`PSS of the program with ${PSS_FEW} cameras`, 'MB', megabytes(few)),
    figure(`PSS of the program with ${PSS_MANY} cameras`, 'MB', megabytes(many)),
    figure(`PSS of one more camera, ${PSS_FEW} → ${PSS_MANY}`, 'MB', marginal, MUST_PSS),
  ]
}

async function pssWith(setting: Setting, cameras: number): Promise<readonly number[]> {
  const { clock, signal } = setting.tools
  const program = await startQuiet(setting, cameras, `pss-${cameras}`)
  await clock.sleep(SETTLE_MS, signal)
  const looks: number[] = []
  for (let n = 0; n < PSS_LOOKS; n += 1) {
    if (n > 0) await clock.sleep(PSS_APART_MS, signal)
    looks.push(await pssBytes((await processTree(program.child.pid)).map((sample) => sample.pid)))
  }
  await program.child.stop()
  return looks
}

async function startQuiet(
  { tools, folder, urls, options }: Setting,
  cameras: number,
  name: string,
): Promise<BenchProgram> {
  const city = benchCity(urls.slice(0, cameras), CAMERA)
  const program = await startProgram(city, { tools, folder, name, model: options.model })
  await program.online(cameras)
  return program
}

function startBare(url: string, { stack }: Tools): BenchChild {
  const input = url.startsWith('rtsp:')
    ? ['-rtsp_transport', 'tcp', '-i', url]
    : ['-re', '-stream_loop', '-1', '-i', url]
  return startChild(
    'bare ffmpeg',
    findMediaTool('ffmpeg', process.env),
    [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', '-threads', '1', '-skip_frame', 'nokey'],
      ...input,
      ...['-an', '-threads', '1', '-fps_mode', 'passthrough', '-vf', 'scale=640:-2:flags=fast_bilinear'],
      ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', '/dev/null'],
    ],
    { stack },
  )
}
