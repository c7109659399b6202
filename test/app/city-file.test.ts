import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { notBuiltYet, readCityFile } from '../../app/city-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'city-file-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function cityWith(password: string): Promise<string> {
  await writeFile(join(folder, 'password'), password)
  const path = join(folder, 'city.yaml')
  await writeFile(
    path,
    'city: { name: x }\nusers: [{ name: a, roles: [operator], passwordFile: password }]\n',
  )
  return path
}

test('a secret is read when it is there', async () => {
  expect((await readCityFile(await cityWith('ten herons\n'))).users).toHaveLength(1)
})

test.each(['', '\n', ' \r\n'])(
  'an empty secret %j is a fault that names its key and file',
  async (secret) => {
    await expect(readCityFile(await cityWith(secret))).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/users a: passwordFile: .*password is empty/),
    })
  },
)

test("an HJ 212 device's password file that is not there is a fault, and sensors are no longer said to be missing", async () => {
  const path = join(folder, 'sensors.yaml')
  const sensor = 'id: hj, source: hj212, mn: MN1, factor: a34004, unit: ug/m3'
  await writeFile(path, `city: { name: x }\nsensors: [{ ${sensor}, passwordFile: gone }]\n`)
  await expect(readCityFile(path)).rejects.toMatchObject({
    message: expect.stringMatching(/sensors hj: passwordFile: .*gone cannot be read \(ENOENT\)/),
  })
  await writeFile(path, `city: { name: x }\nsensors: [{ ${sensor} }]\n`)
  expect(notBuiltYet(await readCityFile(path))).toEqual([])
})

test('a base map is an archive of version 3, and a path', async () => {
  const path = join(folder, 'map.yaml')
  const read = async (file: string) => {
    await writeFile(path, `city: { name: x, map: { file: ${JSON.stringify(file)} } }\n`)
    return readCityFile(path)
  }
  await expect(read('gone.pmtiles')).rejects.toThrow(
    /city\.map\.file: .*gone\.pmtiles cannot be read \(ENOENT\)/,
  )
  await writeFile(join(folder, 'old.pmtiles'), 'PMTiles\x02 and more')
  await expect(read('old.pmtiles')).rejects.toThrow(/is a PMTiles archive of version 2; convert it/)
  await writeFile(join(folder, 'short.pmtiles'), 'PMT')
  await expect(read('short.pmtiles')).rejects.toThrow(/is no PMTiles archive/)
  await expect(read('https://maps.example/city.pmtiles')).rejects.toThrow(
    /city\.map\.file: is a path, not an address/,
  )
  await writeFile(join(folder, 'city.pmtiles'), 'PMTiles\x03 and more')
  expect((await read('city.pmtiles')).city.map).toEqual({
    file: join(folder, 'city.pmtiles'),
    datum: 'WGS-84',
  })
})
