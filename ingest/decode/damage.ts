/**
 * Which pictures of a decoder are sound. After damaged data ffmpeg goes on with pictures that are pieced together from
 * older ones under new time stamps (a lost key frame: whole seconds of them). So from the first sign of damage on,
 * pictures are refused until a key frame that went in after the last sign comes out without another one.
 */
export interface DamageWatch {
  /** A sign of damage; `fed`: fragments that went in so far. */
  sign(fed: number): void
  /** Whether the picture of fragment number `order` (by feeding) is sound. */
  sound(order: number, key: boolean): boolean
}

export function createDamageWatch(): DamageWatch {
  let soundFrom: number | null = null
  return {
    sign(fed) {
      soundFrom = fed
    },
    sound(order, key) {
      if (soundFrom === null) return true
      if (!key || order < soundFrom) return false
      soundFrom = null
      return true
    },
  }
}
