import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPins } from '../../../ingest/evidence/pins.ts'
import { ringFileName } from '../../../ingest/ring/file-name.ts'
import { silentLog } from '../../support/log.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const T0 = 1_700_000_000_000
const MINUTE = 60_000

test('a pin without an end, of an earlier run, gets one, and lets go of what lies beyond it', async () => {
  await using folder = await tempFolder()
  const ring = join(folder.path, 'ring')
  const pins = join(folder.path, 'pins')
  const pin = { id: 'piece-1', camera: 'gate', from: T0 }
  await mkdir(join(pins, pin.id), { recursive: true })
  await mkdir(ring)
  await writeFile(join(pins, pin.id, 'pin.json'), JSON.stringify(pin))
  const fileAt = (minutes: number) => {
    const span = { connection: T0, from: T0 + minutes * MINUTE, to: T0 + (minutes + 1) * MINUTE }
    return { ...span, name: ringFileName(span) }
  }
  const [kept, beyond, later] = [fileAt(9), fileAt(11), fileAt(12)]
  for (const { name } of [kept, beyond]) await writeFile(join(pins, pin.id, name), 'film')
  await writeFile(join(ring, later.name), 'film')

  const known = createPins({ folder: pins, log: silentLog })
  const [ended] = await known.of('gate')
  expect(ended).toEqual({ ...pin, to: T0 + 10 * MINUTE })
  if (!ended) throw new Error('no pin')
  await known.link(ended, [{ ...later, path: join(ring, later.name), growing: false, bytes: 4 } as never])
  expect((await known.files(pin.id)).map((path) => path.split('/').at(-1))).toEqual([kept.name])
  // It is the same for the next run.
  expect(await createPins({ folder: pins, log: silentLog }).of('gate')).toEqual([ended])
  expect((await readdir(join(pins, pin.id))).sort()).toEqual([kept.name, 'pin.json'].sort())
})

test('a pin whose end cannot be written keeps nobody from the others', async () => {
  await using folder = await tempFolder()
  const put = async (name: string, pin: object) => {
    await mkdir(join(folder.path, name), { recursive: true })
    await writeFile(join(folder.path, name, 'pin.json'), JSON.stringify(pin))
  }
  // Copied by hand: its folder has another name than it.
  await put('moved', { id: 'piece-1', camera: 'gate', from: T0 })
  await put('piece-2', { id: 'piece-2', camera: 'gate', from: T0, to: T0 + MINUTE })
  const known = createPins({ folder: folder.path, log: silentLog })
  expect((await known.of('gate')).map(({ id, to }) => [id, to]).sort()).toEqual([
    ['piece-1', T0 + 10 * MINUTE],
    ['piece-2', T0 + MINUTE],
  ])
})
