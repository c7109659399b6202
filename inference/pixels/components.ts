/** One connected piece of a mask, in pixels; right and bottom are included. */
export interface Blob {
  readonly area: number
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  /** Indices of its pixels; a view that is valid until the next call of the same finder. */
  readonly pixels: Int32Array
}

/** Finds the connected pieces (8 neighbours) of masks of one size, with buffers of its own. */
export interface ComponentFinder {
  /** Pieces of at least `minArea` pixels, largest first. */
  find(mask: Uint8Array, minArea: number): readonly Blob[]
}

export function createComponentFinder(width: number, height: number): ComponentFinder {
  const seen = new Uint8Array(width * height)
  // Flood fill in place: the queue of a piece is at the end the list of its pixels.
  const queue = new Int32Array(width * height)

  return {
    find(mask, minArea) {
      seen.fill(0)
      const blobs: Blob[] = []
      let start = 0
      for (let seed = 0; seed < mask.length; seed++) {
        if (mask[seed] === 0 || seen[seed] === 1) continue
        let [head, tail] = [start, start]
        let [left, right, top, bottom] = [width, 0, height, 0]
        queue[tail++] = seed
        seen[seed] = 1
        while (head < tail) {
          const at = queue[head++] as number
          const x = at % width
          const y = (at - x) / width
          if (x < left) left = x
          if (x > right) right = x
          if (y < top) top = y
          if (y > bottom) bottom = y
          for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
            for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
              const next = ny * width + nx
              if (mask[next] === 0 || seen[next] === 1) continue
              seen[next] = 1
              queue[tail++] = next
            }
          }
        }
        if (tail - start >= minArea) {
          blobs.push({ area: tail - start, left, top, right, bottom, pixels: queue.subarray(start, tail) })
          start = tail
        }
      }
      return blobs.sort((a, b) => b.area - a.area || a.top - b.top || a.left - b.left)
    },
  }
}
