import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { MAX_KEPT_MS } from '../../core/recordings.ts'
import type { EpochMs } from '../../core/units.ts'
import { parseRingFileName, ringFileName } from '../ring/file-name.ts'
import type { RingFileFacts } from '../ring/ring.ts'

/** Ring files of open events, hard-linked so that shedding cannot take them. Pins are folders: they outlive a restart. */
export interface Pins {
  /** The pins of a camera, also those of an earlier run. */
  of(camera: string): Promise<readonly Pin[]>
  ids(): Promise<readonly string[]>
  add(pin: Pin): Promise<void>
  remove(id: string): Promise<void>
  /** Links what the pin asks for of these files. A file that is gone meanwhile is skipped. */
  link(pin: Pin, files: readonly RingFileFacts[]): Promise<void>
  /** Paths of the linked files. */
  files(id: string): Promise<readonly string[]>
}

const pinSchema = z.strictObject({
  id: z.string(),
  camera: z.string(),
  from: z.number(),
  to: z.number().optional(),
})
/** What is kept: files of `camera` that hold anything from `from` on; with `to`, nothing that begins after it, else until it is removed. */
export type Pin = z.infer<typeof pinSchema>

const FACTS = 'pin.json'
const PIN_ID = /^[\w-][\w.-]{0,127}$/

export function createPins({ folder, log }: { folder: string; log: Log }): Pins {
  let known: Map<string, Pin> | null = null
  let loading: Promise<Map<string, Pin>> | null = null

  const folderOf = (id: string) => {
    if (PIN_ID.test(id)) return join(folder, id)
    throw new SharpEyesError('invalid', `pin ${JSON.stringify(id)}: use letters, digits, "-", "_" and "."`)
  }

  async function load(): Promise<Map<string, Pin>> {
    await mkdir(folder, { recursive: true })
    const pins = new Map<string, Pin>()
    for (const name of await readdir(folder)) {
      const pin = await read(join(folder, name, FACTS))
      if (pin) pins.set(pin.id, await withEnd(pin))
    }
    return pins
  }

  async function read(path: string): Promise<Pin | null> {
    try {
      return pinSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch (error) {
      log.warn(
        { path, error: String(error) },
        'a pin could not be read; its files stay until they are removed by hand',
      )
      return null
    }
  }

  /**
   * A pin of an earlier run keeps what may still be asked for, and no more: held by a kept recording whose piece could not be
   * made, one without an end would grow for as long as the hold.
   */
  async function withEnd(pin: Pin): Promise<Pin> {
    if (pin.to !== undefined) return pin
    const ended = { ...pin, to: pin.from + MAX_KEPT_MS }
    try {
      const path = folderOf(pin.id)
      // First room, then words: the disk may be full of just these.
      for (const name of await readdir(path)) {
        const span = parseRingFileName(name)
        if (span && span.from > ended.to) await rm(join(path, name), { force: true })
      }
      await write(ended)
    } catch (error) {
      log.warn(
        { pin: pin.id, error: String(error) },
        'the end of an old pin could not be written; tried again at the next start',
      )
    }
    return ended
  }

  /** Written aside and renamed: a kill leaves a whole pin or none. */
  async function write(pin: Pin): Promise<void> {
    const path = join(folderOf(pin.id), FACTS)
    await writeFile(`${path}.new`, JSON.stringify(pin))
    await rename(`${path}.new`, path)
  }

  async function pins(): Promise<Map<string, Pin>> {
    if (known) return known
    loading ??= load()
    try {
      known = await loading
    } finally {
      loading = null
    }
    return known
  }

  return {
    ids: async () => [...(await pins()).keys()],
    of: async (camera) => [...(await pins()).values()].filter((pin) => pin.camera === camera),
    async add(pin) {
      const path = folderOf(pin.id)
      const all = await pins()
      await mkdir(path, { recursive: true })
      await write(pin)
      all.set(pin.id, pin)
    },
    async remove(id) {
      const path = folderOf(id)
      ;(await pins()).delete(id)
      await rm(path, { recursive: true, force: true })
    },
    async link(pin, files) {
      const path = folderOf(pin.id)
      for (const file of files) {
        if (file.to < pin.from && !file.growing) continue
        if (pin.to !== undefined && file.from > pin.to) continue
        if (!(await linkFile(file.path, join(path, basename(file.path))))) continue
        // The growing file has its final name now; both names are the same file.
        const { connection, from } = file
        if (!file.growing) await rm(join(path, ringFileName({ connection, from, to: null })), { force: true })
      }
    },
    async files(id) {
      const path = folderOf(id)
      const names = await readdir(path).catch(() => [])
      return names.filter((name) => parseRingFileName(name)).map((name) => join(path, name))
    },
  }
}

/**
 * Bytes of the recordings that pins below `folder` keep, each file counted once. Shedding does not free them: that takes
 * their clips to be made, or the release of their holds.
 */
export async function pinnedBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const seen = new Map<number, number>()
  for (const name of names) {
    if (!parseRingFileName(basename(name))) continue
    const facts = await stat(join(folder, name)).catch(() => null) // unpinned since it was listed
    if (facts) seen.set(facts.ino, facts.size)
  }
  return [...seen.values()].reduce((sum, size) => sum + size, 0)
}

/** Whether `target` is a name of the file now. */
async function linkFile(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EEXIST') return true
    // It was closed or shed between the listing and now.
    if (code === 'ENOENT') return false
    throw error
  }
}

/** Start of what a pinned or ring file holds, from its name. */
export function spanOfFile(path: string): { connection: EpochMs; from: EpochMs; to: EpochMs | null } | null {
  return parseRingFileName(basename(path))
}
