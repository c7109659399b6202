import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** A file that only takes up space, so that a full disk still has room for starts and ends (invariant 1). */
export interface Ballast {
  readonly held: boolean
  /** Gives the space back to the disk. False: it was gone already. */
  release(): boolean
  /** Takes the space again when the disk has four times as much free. False: not yet. */
  restore(): boolean
}

const BLOCK = 1 << 20

export function createBallast(path: string, bytes: number): Ballast {
  let held = existsSync(path)
  return {
    get held() {
      return held
    },
    release() {
      if (!held) return false
      rmSync(path, { force: true })
      held = false
      return true
    },
    restore() {
      if (held) return true
      const disk = statfsSync(dirname(path))
      if (disk.bavail * disk.bsize < 4 * bytes) return false
      held = fill(path, bytes)
      return held
    },
  }
}

/** Random bytes: a file of zeros takes no space where the file system compresses. */
function fill(path: string, bytes: number): boolean {
  const half = `${path}.half`
  const block = randomBytes(Math.min(BLOCK, bytes))
  try {
    const file = openSync(half, 'w', 0o600)
    try {
      for (let left = bytes; left > 0; left -= block.length)
        writeSync(file, block, 0, Math.min(left, block.length))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(half, path)
    return true
  } catch (error) {
    rmSync(half, { force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false // somebody else took the space meanwhile
    throw error
  }
}
