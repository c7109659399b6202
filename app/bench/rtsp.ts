import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import { PROJECT_ROOT } from '../data-folder.ts'
import type { Tools } from '../tools.ts'
import { startChild } from './child.ts'

/** Debian's own: the GStreamer bindings are not in any other. */
const PYTHON = '/usr/bin/python3'
const SERVER = join(PROJECT_ROOT, 'test', 'services', 'rtsp_server.py')

/** Serves a film on loopback under `count` addresses (the server of our tests, GStreamer). Returns the addresses. */
export async function serveRtsp(
  film: string,
  count: number,
  options: { tools: Tools; folder: string },
): Promise<readonly string[]> {
  if (!existsSync(SERVER))
    throw new SharpEyesError('dependency_missing', `--rtsp needs ${SERVER} of a source checkout`)
  const paths = Array.from({ length: count }, (_, index) => `/bench-${index + 1}`)
  const config = join(options.folder, 'rtsp.json')
  const mounts = paths.map((path) => ({ path, file: film, codec: 'h264' }))
  await writeFile(config, JSON.stringify({ port: 0, auth: 'none', user: '', password: '', mounts }))
  const server = startChild('the RTSP server', PYTHON, [SERVER, config], { stack: options.tools.stack })
  const [, port] = await server.line(/^ready (\d+)$/).catch((cause: unknown) => {
    throw new SharpEyesError(
      'dependency_missing',
      `--rtsp needs GStreamer's RTSP server: apt-get install -y python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad (${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    )
  })
  return paths.map((path) => `rtsp://127.0.0.1:${port}${path}`)
}
