import { readFile } from 'node:fs/promises'
import { freeBytes } from '../../adapters/evidence-store/disk.ts'
import { isRoot, traversableByOthers } from '../../adapters/os-user.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import { dataFolder, PROJECT_ROOT } from '../data-folder.ts'
import { type Finding, finding } from './finding.ts'

const LOW_DISK_GIB = 2

export const nodeFinding = async (): Promise<Finding> =>
  finding(
    'node',
    process.version.startsWith('v24.') ? 'ok' : 'fail',
    `${process.version}; the project pins 24 (npm ci)`,
  )

export async function ffmpegFinding(mediaTools: MediaTools): Promise<Finding> {
  const child = mediaTools.spawn('ffmpeg', ['-version'], { stdin: 'ignore' })
  let text = ''
  for await (const chunk of child.stdout) text += chunk
  await child.exited
  return finding('ffmpeg', 'ok', text.split('\n')[0] ?? '')
}

export async function dataFolderFinding(option: string | undefined): Promise<Finding> {
  const { path } = await dataFolder(option)
  const free = (await freeBytes(path)) / 2 ** 30
  return finding('data folder', free < LOW_DISK_GIB ? 'warn' : 'ok', `${path}, ${free.toFixed(1)} GiB free`)
}

export async function pagesFinding(): Promise<Finding> {
  const built = await readFile(`${PROJECT_ROOT}/dashboard-api/web/dist/index.html`).then(
    () => true,
    () => false,
  )
  return finding('pages', built ? 'ok' : 'fail', built ? 'built' : 'not built: npm run web:build')
}

export const isolationFinding = async (): Promise<Finding> =>
  finding(
    'isolation',
    isRoot() && !(await traversableByOthers(PROJECT_ROOT)) ? 'warn' : 'ok',
    isRoot()
      ? 'video is decoded by an unprivileged user; camera passwords are handed over in pipes'
      : 'video is decoded by this user; camera passwords are handed over in pipes',
  )
