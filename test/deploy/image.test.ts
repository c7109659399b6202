import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROJECT_ROOT } from '../../app/data-folder.ts'
import { NODE_FLAGS } from '../../deploy/setup/node-flags.mjs'
import { inProject, readCompose, readText } from './files.ts'

const dockerfile = readText('deploy', 'Dockerfile')
const ignored = readText('deploy', 'Dockerfile.dockerignore').split('\n').filter(Boolean)
const { dependencies, version } = JSON.parse(readText('package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly version: string
}

const entrypoint = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as readonly string[]

test('the program is started in the image as everywhere else', () => {
  expect(entrypoint).toEqual(['tini', '--', 'node', ...NODE_FLAGS, 'app/main.ts'])
})

test('the image has the Node that the project pins, in both stages', () => {
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1])
  const wanted = `node:${dependencies.node}-bookworm-slim`
  expect(bases).toEqual([wanted, wanted])
})

test('what is copied from the project is there and not left out of the context', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(
    (match) => match[1]?.split(' ').slice(0, -1) ?? [],
  )
  expect(copied).toContain('package-lock.json')
  for (const path of copied) {
    expect(existsSync(inProject(path)), path).toBe(true)
    expect(ignored).not.toContain(path)
  }
})

test('no secret and nothing of this machine gets into the image', () => {
  const { secrets, services } = readCompose()
  const own = [
    ...Object.values(secrets).map(({ file }) => file.split('/')[1]),
    ...(services.apply?.volumes ?? [])
      .filter((volume) => volume.startsWith('./'))
      .map((volume) => volume.split(/[:/]/)[1]),
  ]
  for (const folder of own) expect(ignored).toContain(`deploy/${folder}`)
  expect(ignored).toEqual(expect.arrayContaining(['node_modules', '.git', 'data', 'data-dev']))
})

test('the program reads nothing that the context leaves out', () => {
  const folders = ignored.filter((path) => /^[a-z]+$/.test(path))
  expect(folders).toContain('docs')
  const readers = globSync('{core,adapters,alerts,ingest,inference,dashboard-api}/**/*.ts', {
    cwd: PROJECT_ROOT,
  })
    .concat(globSync('app/{commands,roles,worker,backup,simulate}/**/*.ts', { cwd: PROJECT_ROOT }))
    .filter((path) => !path.includes('/web/') && !path.includes('node_modules'))
    .filter((path) => folders.some((folder) => readText(path).includes(`(PROJECT_ROOT, '${folder}`)))
  expect(readers).toEqual([])
})

test('the user of the image owns the folder that the volumes are mounted on', () => {
  const home = /useradd .*--home-dir (\S+)/.exec(dockerfile)?.[1]
  expect(home).toBe('/var/lib/sharp-eyes')
  expect(dockerfile).toMatch(new RegExp(`^VOLUME ${home}$`, 'm'))
  expect(dockerfile).toMatch(/^USER sharp-eyes$/m)
  const data = /SHARP_EYES_DATA=(\S+)/.exec(dockerfile)?.[1] ?? ''
  expect(data).toBe(join(home ?? '', 'data'))
  for (const [name, { image, volumes = [] }] of Object.entries(readCompose().services)) {
    if (!image.startsWith('sharp-eyes:')) continue
    expect(
      volumes.filter((volume) => volume.endsWith(`:${home}`)),
      name,
    ).toHaveLength(1)
  }
})

test('the health that is looked at is the one of the port on which every role listens', () => {
  const port = /HEALTHCHECK[\s\S]*?127\.0\.0\.1:(\d+)\/api\/health/.exec(dockerfile)?.[1]
  for (const name of ['api', 'alerts', 'ingest']) {
    expect(readCompose().services[name]?.command, name).toEqual(expect.arrayContaining(['--port', port]))
  }
})

test('the image is named after the version', () => {
  for (const { image } of Object.values(readCompose().services))
    if (image.startsWith('sharp-eyes:')) expect(image).toBe(`sharp-eyes:${version}`)
})
