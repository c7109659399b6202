import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CameraConfig, cameraSchema } from '../../core/config/city.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Frame } from '../../core/frame.ts'
import type { Detector } from '../../core/ports/detector.ts'
import { createWatcher } from '../../inference/watch/watcher.ts'
import { createDecoder } from '../../ingest/decode/decoder.ts'
import { analysisSize } from '../../ingest/decode/size.ts'
import { createRing } from '../../ingest/ring/ring.ts'
import { startCamera } from '../../ingest/supervise/start-camera.ts'
import { openDetector } from '../model.ts'
import type { Tools } from '../tools.ts'
import { uuidv7 } from '../worker/ids.ts'
import { type BenchChild, startChild } from './child.ts'
import { makeBenchFilm } from './films.ts'
import { benchFolder } from './folder.ts'
import { type ProcessSample, processTree, treeSeconds } from './proc.ts'
import { type BenchReport, figure } from './report.ts'
import { serveRtsp } from './rtsp.ts'
import { readWindows } from './windows.ts'

export interface BusyOptions {
  readonly model: string
  readonly clip?: string | undefined
  readonly rtsp: boolean
  readonly seconds: number
  readonly runs: number
}

/** What full attention samples at. */
const FPS = 5
const ANALYSIS_WIDTH = 640
const SETTLE_MS = 8_000
const FIRST_FRAME_MS = 60_000
/** Sides whose counts of runs differ by more did not do the same. */
const SAME = 0.05

const RULES = [
  { id: 'fire', type: 'fire' },
  { id: 'smoke', type: 'smoke' },
  { id: 'lane', type: 'lane_blocked' },
  { id: 'crowd', type: 'crowding', limit: 20 },
  { id: 'left', type: 'object_left' },
]

/**
 * One camera at full attention through our path (pull, hub, recording, decoder, detector, tracker, rules), beside a
 * bare ffmpeg that pulls and decodes to the same size and rate and a bare ONNX Runtime that runs once a picture. Both
 * live and at the same time; processor seconds a run of the model are compared.
 */
export async function benchBusy(options: BusyOptions, tools: Tools): Promise<BenchReport> {
  const folder = await benchFolder(tools)
  const needed = 60 + options.runs * options.seconds
  const film = options.clip
    ? resolve(options.clip)
    : await makeBenchFilm('moving', { folder, seconds: Math.max(180, needed), signal: tools.signal })
  const [ourUrl = film, theirUrl = film] = options.rtsp ? await serveRtsp(film, 2, { tools, folder }) : []
  const ours = await startOurs(ourUrl, { options, folder, tools })
  const bare = startBare(theirUrl, { modelFile: ours.modelFile, tools, size: await ours.size() })
  let bareRuns = 0
  bare.onLine((line) => {
    bareRuns = Number(line) || bareRuns
  })
  await bare.line(/^1$/)
  await tools.clock.sleep(SETTLE_MS, tools.signal)

  const read = async () => {
    const tree = await processTree(process.pid)
    const theirTree = await processTree(bare.pid)
    const apart = new Set([...theirTree.map((sample) => sample.pid), ...serverPids(tree)])
    return {
      ours: treeSeconds(tree.filter((sample) => !apart.has(sample.pid))),
      ourProcess: ownSeconds(tree, process.pid),
      ourRuns: ours.runs(),
      bare: treeSeconds(theirTree),
      bareProcess: ownSeconds(theirTree, bare.pid),
      bareRuns,
    }
  }
  const { runs: count, seconds } = options
  const windows = await readWindows(tools, { count, seconds, read })
  const trouble = ours.trouble()
  if (bare.ended) throw new SharpEyesError('internal', 'the bare side ended early')
  await Promise.all([bare.stop(), ours.stop()])
  if (trouble) throw trouble

  const of = (part: keyof Awaited<ReturnType<typeof read>>) =>
    windows.map((w) => w.after[part] - w.before[part])
  const each = (part: 'ours' | 'bare', runs: 'ourRuns' | 'bareRuns') =>
    of(part).map((value, n) => (value / (of(runs)[n] ?? Number.NaN)) * 1_000)
  const ourCost = each('ours', 'ourRuns')
  const bareCost = each('bare', 'bareRuns')
  const rate = (runs: readonly number[]) =>
    runs.map((value, n) => value / (windows[n]?.seconds ?? Number.NaN))
  const uneven = of('ourRuns').some((value, n) => Math.abs(value / (of('bareRuns')[n] ?? 0) - 1) > SAME)
  return {
    bench: 'busy',
    about: [
      `one camera at full attention, ${FPS} pictures a second, ${options.clip ? 'the given clip' : '1080p25 H.264, 4 Mbit/s, all moving'}, ${options.rtsp ? 'RTSP over TCP on loopback' : 'a played film'}`,
      `model ${ours.model}; windows of ${seconds} s; ours = pull, hub, recording, decoder, detector, tracker, rules`,
      'bare = "ffmpeg -vf fps,scale" to the same pictures and session.run on a tensor made once, at the same time',
    ],
    figures: [
      figure('ours', 'cores', rate(of('ours'))),
      figure('  of it our process, model included', 'cores', rate(of('ourProcess'))),
      figure('bare ffmpeg and bare ONNX Runtime', 'cores', rate(of('bare'))),
      figure('  of it the process of the model', 'cores', rate(of('bareProcess'))),
      figure('ours, runs of the model', '/s', rate(of('ourRuns'))),
      figure('bare, runs of the model', '/s', rate(of('bareRuns'))),
      figure('ours, a run with its share of everything', 'CPU ms', ourCost),
      figure('bare, a run with its share of everything', 'CPU ms', bareCost),
      figure(
        'ratio ours ÷ bare',
        '×',
        ourCost.map((value, n) => value / (bareCost[n] ?? Number.NaN)),
        '≤ 1.25',
      ),
    ],
    warnings: uneven
      ? [
          'the two sides ran the model unequally often (ours drops pictures on an overloaded machine and skips runs in quiet stretches of a film): the ratio is not comparable',
        ]
      : [],
  }
}

const ownSeconds = (tree: readonly ProcessSample[], pid: number): number =>
  tree.find((sample) => sample.pid === pid)?.ownSeconds ?? Number.NaN

/** The RTSP server is below this process and belongs to nobody's side. */
const serverPids = (tree: readonly ProcessSample[]) =>
  tree.filter((sample) => sample.name.startsWith('python')).map((sample) => sample.pid)

async function startOurs(url: string, deps: { options: BusyOptions; folder: string; tools: Tools }) {
  const { tools, folder, options } = deps
  const { clock, log, metrics, stack, signal } = tools
  const mediaTools = tools.mediaTools()
  const camera: CameraConfig = cameraSchema.parse({
    ...{ id: 'bench-busy', name: { zh: '忙', en: 'Busy' }, purpose: 'public_safety', url, rules: RULES },
  })
  const running = await openDetector(options.model, tools)
  let runs = 0
  let trouble: SharpEyesError | null = null
  const detector: Detector = {
    model: running.model,
    labels: running.labels,
    async detect(frame) {
      const found = await running.detect(frame)
      runs += 1
      return found
    },
  }
  const watcher = createWatcher({ camera, timezone: 'UTC', detector, newId: uuidv7, log, metrics })
  const pull = startCamera({
    ...{ camera, mediaTools, clock, log, metrics, random: Math.random },
    onState: () => undefined,
  })
  stack.push('pull', () => pull.stop())
  const ring = createRing({
    ...{ camera: camera.id, hub: pull.hub, folder: join(folder, 'ring'), hours: 1, clock, log, metrics },
    onProblem: (problem) => {
      trouble = problem ?? trouble
    },
  })
  stack.push('ring', () => ring.stop())
  const first = Promise.withResolvers<Frame>()
  const decoder = createDecoder({
    ...{ camera: camera.id, hub: pull.hub, mediaTools, clock, log, metrics, width: ANALYSIS_WIDTH },
    async onFrame(frame) {
      first.resolve(frame)
      try {
        await watcher.step(frame)
      } catch (error) {
        trouble = toSharpEyesError(error)
      }
    },
    onProblem: (problem) => {
      trouble = problem ?? trouble
    },
  })
  decoder.setAttention({ level: 'full', fps: FPS, reason: 'the bench asks for it' })
  stack.push('decoder', () => decoder.stop())
  const late = clock.sleep(FIRST_FRAME_MS, signal).then(() => {
    throw new SharpEyesError('source_invalid', `${url}: no picture within ${FIRST_FRAME_MS / 1_000} s`)
  })
  // When the first picture was there in time, nobody listens to the limit any more.
  late.catch(() => undefined)
  return {
    model: running.model.id,
    modelFile: running.spec.file,
    runs: () => runs,
    trouble: () => trouble,
    async size() {
      await Promise.race([first.promise, late])
      const { init } = pull.picture
      if (!init) throw new SharpEyesError('internal', `${url}: pictures without a header`)
      return analysisSize(init, ANALYSIS_WIDTH)
    },
    async stop() {
      await decoder.stop()
      await ring.stop()
      await pull.stop()
    },
  }
}

function startBare(
  url: string,
  deps: { modelFile: string; tools: Tools; size: { readonly width: number; readonly height: number } },
): BenchChild {
  return startChild(
    'the bare side',
    process.execPath,
    [
      fileURLToPath(import.meta.resolve('./bare-inference.ts')),
      ...[deps.modelFile, url, String(deps.size.width), String(deps.size.height), String(FPS)],
    ],
    { stack: deps.tools.stack },
  )
}
