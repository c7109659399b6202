import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { copyFile, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { PersonActor } from '../auth/people.ts'
import { MAX_UPLOAD_BYTES } from '../cases/upload.ts'
import { diskFull, isDiskFull, StagingStore } from './staging-store.ts'

/** A report has at most 20 pictures. */
export const MAX_UNFINISHED = 20
/** Of everybody together: 10 GB of the server's disk at the very most. */
const MAX_ALL = 500
const KEPT_MS = 24 * 3_600_000
/** What the disk must have besides. */
const RESERVE_BYTES = 256 * 1024 * 1024

/**
 * Pictures that come in pieces lie in one folder of this process until they are attached. The id of an upload says where
 * and whose it is: `<folder>.<person>.<case>.<uuid>`, so that a process knows at once what is not its own.
 */
export interface Staging {
  readonly store: StagingStore
  /** Throws `too_many_requests`, `disk_full`. */
  makeRoom(actor: PersonActor): Promise<void>
  newId(actor: PersonActor, no: string): string
  /** Throws `not_found` for another's upload or case, `misdirected` for one that lies in another process's folder. */
  own(id: string, actor: PersonActor, no: string): void
  /** Hands a private copy of a finished upload to `use`: nobody writes into it any more. Then forgets both. */
  take<T>(id: string, use: (path: string) => Promise<T>): Promise<T>
  /** Deletes what is older than a day. */
  cleanUp(): Promise<void>
}

export function createStaging(folder: string, clock: Clock): Staging {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const place = placeOf(folder)
  const store = new StagingStore({ directory: folder, expirationPeriodInMilliseconds: KEPT_MS })
  const uploads = async () =>
    (await readdir(folder)).filter((name) => /^[0-9a-f]{16}\..*-[0-9a-f]{12}$/.test(name))

  const forget = async (name: string) => {
    for (const each of [name, `${name}.json`]) await rm(join(folder, each), { force: true })
  }
  return {
    store,
    newId: (actor, no) => `${place}.${personOf(actor)}.${no}.${randomUUID()}`,
    async makeRoom(actor) {
      const all = await uploads()
      const mine = all.filter((name) => name.split('.')[1] === personOf(actor))
      if (mine.length >= MAX_UNFINISHED || all.length >= MAX_ALL) {
        throw new SharpEyesError(
          'too_many_requests',
          `${mine.length} uploads of ${actor.name} are not finished (at most ${MAX_UNFINISHED}; ${all.length} of ${MAX_ALL} of everybody): finish or delete them, they go by themselves after a day`,
          { details: { retryAfterSeconds: 60 } },
        )
      }
      const { bavail, bsize } = await statfs(folder)
      if (bavail * bsize < RESERVE_BYTES + MAX_UPLOAD_BYTES) throw diskFull()
    },
    own(id, actor, no) {
      const [where, whose, which] = id.split('.')
      if (whose !== personOf(actor) || which !== no) throw noUpload(id)
      if (where === place) return
      throw new SharpEyesError(
        'misdirected',
        `upload ${id} lies at another process of this server: send the picture in one piece, or let the proxy keep a browser at one process`,
      )
    },
    async take(id, use) {
      const source = join(folder, id)
      if (!existsSync(source)) throw noUpload(id)
      const { size, offset } = await store.getUpload(id)
      if (size === undefined || offset !== size) {
        throw new SharpEyesError(
          'state_conflict',
          `upload ${id} has ${offset} of ${size ?? '?'} bytes: send the rest first`,
          { details: { offset, size: size ?? null } },
        )
      }
      const copy = join(folder, `${randomUUID()}.taken`)
      try {
        await copyFile(source, copy)
        const result = await use(copy)
        await forget(id)
        return result
      } catch (error) {
        throw isDiskFull(error) ? diskFull() : error
      } finally {
        await rm(copy, { force: true })
      }
    },
    async cleanUp() {
      for (const name of await readdir(folder)) {
        if (name === MARK) continue
        const facts = await stat(join(folder, name)).catch(() => null) // another process may tidy at the same time
        if (facts && clock.now() - facts.mtimeMs > KEPT_MS) await rm(join(folder, name), { force: true })
      }
    },
  }
}

const noUpload = (id: string): SharpEyesError =>
  new SharpEyesError('not_found', `there is no upload ${id}: it was finished, deleted, or older than a day`)

const personOf = ({ name }: PersonActor): string =>
  createHash('sha256').update(name).digest('hex').slice(0, 16)

const MARK = 'folder-id'

/** Names the folder. Processes that share it read the same name. */
function placeOf(folder: string): string {
  const path = join(folder, MARK)
  try {
    writeFileSync(path, randomUUID().replaceAll('-', '').slice(0, 16), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const place = readFileSync(path, 'utf8')
  if (/^[0-9a-f]{16}$/.test(place)) return place
  throw new SharpEyesError(
    'config_invalid',
    `${path}: it should hold 16 hex digits; delete it and start again`,
  )
}
