import type { EpochMs } from '../../core/units.ts'
import type { Fragment } from '../hub/fragment.ts'

/** Which key frames went into a decoder and never came out sound, however often they were tried. */
export interface KeyTally {
  went(key: Fragment): void
  came(fragment: Fragment): void
  /** When they were taken. */
  missing(): readonly EpochMs[]
}

export function createKeyTally(): KeyTally {
  // By name: a fragment would keep its bytes.
  const out = new Map<string, EpochMs>()
  const nameOf = ({ connection, index }: Fragment) => `${connection}/${index}`
  return {
    went: (key) => void out.set(nameOf(key), key.capturedAt),
    came: (fragment) => void out.delete(nameOf(fragment)),
    missing: () => [...out.values()],
  }
}
