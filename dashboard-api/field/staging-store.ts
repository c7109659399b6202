import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FileStore } from '@tus/file-store'
import { SharpEyesError } from '../../core/errors.ts'

export const diskFull = (): SharpEyesError =>
  new SharpEyesError('disk_full', 'the disk is full: the picture was not taken, try again later')

export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown } | null)?.code))

/** The package's store, which says of a full disk only that writing failed. */
export class StagingStore extends FileStore {
  override async write(readable: Readable, id: string, offset: number): Promise<number> {
    const target = createWriteStream(join(this.directory, id), { flags: 'r+', start: offset })
    try {
      await pipeline(readable, target)
    } catch (error) {
      throw isDiskFull(error) ? diskFull() : error
    }
    return offset + target.bytesWritten
  }
}
