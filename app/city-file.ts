import { open, readFile } from 'node:fs/promises'
import type { CityConfig } from '../core/config/city.ts'
import { parseCity } from '../core/config/parse.ts'
import { SharpEyesError } from '../core/errors.ts'

/** Reads a city file and proves that every secret that it names can be read and is one. Throws `config_invalid` naming the key. */
export async function readCityFile(path: string): Promise<CityConfig> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new SharpEyesError(
      'config_invalid',
      `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code}); name a city file (docs/city-file.md)`,
      { cause },
    )
  }
  const city = parseCity(text, path)
  const files = [
    ...city.users.map((u) => [`users ${u.name}: passwordFile`, u.passwordFile] as const),
    ...city.cameras.flatMap((c) =>
      c.credentialsFile ? [[`cameras ${c.id}: credentialsFile`, c.credentialsFile] as const] : [],
    ),
    ...city.sensors.flatMap((s) =>
      s.source === 'hj212' && s.passwordFile
        ? [[`sensors ${s.id}: passwordFile`, s.passwordFile] as const]
        : [],
    ),
    ...city.departments.flatMap((d) =>
      d.channels.flatMap((c) =>
        c.kind === 'webhook' ? [[`departments ${d.id}: secretFile`, c.secretFile] as const] : [],
      ),
    ),
  ]
  const faults: string[] = []
  for (const [key, file] of files) {
    try {
      if ((await readFile(file, 'utf8')).trim() === '')
        faults.push(`${path}: ${key}: ${file} is empty; write the secret into it`)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const way =
        code === 'EACCES'
          ? `give it to the user that runs this program (${process.getuid?.()})`
          : 'create it, mode 0600'
      faults.push(`${path}: ${key}: ${file} cannot be read (${code}); ${way}`)
    }
  }
  const { map } = city.city
  if (map) {
    const fault = await baseMapFault(map.file)
    if (fault) faults.push(`${path}: city.map.file: ${map.file} ${fault}`)
  }
  if (faults.length > 0)
    throw new SharpEyesError('config_invalid', faults.join('\n'), { details: { faults } })
  return city
}

/** Null: it is an archive that this program can read. Its tiles are the business of who shows them. */
async function baseMapFault(file: string): Promise<string | null> {
  let first: Buffer
  try {
    await using handle = await open(file)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    first = buffer.subarray(0, bytesRead)
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code}); put the archive there or remove the key`
  }
  const version = first.toString('latin1', 0, 7) === 'PMTiles' ? first[7] : null
  if (version === 3) return null
  return version == null
    ? 'is no PMTiles archive; make one, for example with "pmtiles extract" (docs/map.md)'
    : `is a PMTiles archive of version ${version}; convert it to version 3 with "pmtiles convert"`
}

/** What the file asks for and this version does not do yet: said at `apply`, at the start and in health. */
export function notBuiltYet(city: CityConfig): readonly string[] {
  return [
    ...city.cameras.flatMap((c) =>
      c.recording.mode === 'ring'
        ? []
        : [`camera ${c.id}: recording mode ${c.recording.mode} is not built yet; a ring is kept`],
    ),
  ]
}
