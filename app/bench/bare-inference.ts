import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { findMediaTool } from '../../adapters/media-find.ts'
import { familyNamed } from '../../inference/family/table.ts'
import { examineModel } from '../../inference/model/loaded-model.ts'
import { openSession } from '../../inference/model/session.ts'

// The other side of `bench busy`, in a process of its own: a bare ffmpeg pulls and decodes to the size and rate of our
// path, and ONNX Runtime runs once a picture on a tensor that is made once: making it of the picture, finding boxes,
// tracks, rules and recording are our side's alone. Prints "ready", then the number of each run.
//   node bare-inference.ts MODEL SOURCE WIDTH HEIGHT FPS

const [modelFile = '', source = '', width = '', height = '', fps = ''] = process.argv.slice(2)
const { file, spec, facts, model, fault } = await examineModel({ modelFile })
if (!model || !spec || !facts) throw fault ?? new Error(`${modelFile}: no model`)
await model.release()
const session = await openSession(await readFile(file), facts)
const tensor = new Float32Array(3 * spec.input.width * spec.input.height).fill(0.5)
const extra = familyNamed(spec.family)?.extraInputs?.(spec.input) ?? {}

const input = source.startsWith('rtsp:')
  ? ['-rtsp_transport', 'tcp', '-i', source]
  : ['-re', '-stream_loop', '-1', '-i', source]
const ffmpeg = spawn(
  findMediaTool('ffmpeg', process.env),
  [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '1'],
    ...input,
    ...['-an', '-threads', '1', '-vf', `fps=${fps},scale=${width}:${height}:flags=fast_bilinear`],
    ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const end = () => ffmpeg.kill('SIGKILL')
process.once('SIGTERM', end)
process.stdout.write('ready\n')
const bytes = Number(width) * Number(height) * 3
let filled = 0
let runs = 0
for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
  filled += chunk.length
  for (; filled >= bytes; filled -= bytes) {
    await session.run(tensor, spec.input, extra)
    runs += 1
    process.stdout.write(`${runs}\n`)
  }
}
await session.release()
