/** Keeps a set pixel when at least `need` of its 3×3 block (itself included) are set: single pixels are noise. */
export function keepDense(
  mask: Uint8Array,
  width: number,
  height: number,
  need: number,
  into: Uint8Array,
): Uint8Array {
  into.fill(0)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if (mask[at] === 0) continue
      let set = 0
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++)
          set += mask[ny * width + nx] as number
      }
      if (set >= need) into[at] = 1
    }
  }
  return into
}

/** Grows a mask by one pixel on every side, so that a thing torn by its texture is one piece. */
export function dilate(mask: Uint8Array, width: number, height: number, into: Uint8Array): Uint8Array {
  into.fill(0)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] === 0) continue
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        into.fill(1, ny * width + Math.max(0, x - 1), ny * width + Math.min(width, x + 2))
      }
    }
  }
  return into
}
