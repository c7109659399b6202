import sharp from 'sharp'

/** RGB24 picture that sprites are blended into. */
export interface Canvas {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** RGBA picture with straight alpha. */
export interface Sprite {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
}

export async function drawBackground(svg: string, width: number, height: number): Promise<Canvas> {
  const { data } = await sharp(Buffer.from(svg))
    .resize(width, height)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width, height, rgb: new Uint8Array(data) }
}

export async function drawSprite(svg: string): Promise<Sprite> {
  const { data, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, rgba: new Uint8Array(data) }
}

/** A soft round puff: opaque in the middle, clear at the rim. */
export function puffSprite(
  radius: number,
  [r, g, b]: readonly [number, number, number],
  strength: number,
): Sprite {
  const size = radius * 2
  const rgba = new Uint8Array(size * size * 4)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const away = Math.hypot(x + 0.5 - radius, y + 0.5 - radius) / radius
      rgba.set(
        [r, g, b, Math.round(255 * strength * Math.max(0, 1 - away * away) ** 1.5)],
        (y * size + x) * 4,
      )
    }
  }
  return { width: size, height: size, rgba }
}

/** Blends `sprite` with its top left corner at (x, y), which may lie outside; `opacity` 0..1. */
export function blend(canvas: Canvas, sprite: Sprite, x: number, y: number, opacity = 1): void {
  const left = Math.round(x)
  const top = Math.round(y)
  const fromX = Math.max(0, -left)
  const toX = Math.min(sprite.width, canvas.width - left)
  const toY = Math.min(sprite.height, canvas.height - top)
  for (let sy = Math.max(0, -top); sy < toY; sy++) {
    let source = (sy * sprite.width + fromX) * 4
    let target = ((top + sy) * canvas.width + left + fromX) * 3
    for (let sx = fromX; sx < toX; sx++, source += 4, target += 3) {
      const alpha = ((sprite.rgba[source + 3] ?? 0) / 255) * opacity
      if (alpha === 0) continue
      for (let c = 0; c < 3; c++) {
        const below = canvas.rgb[target + c] ?? 0
        canvas.rgb[target + c] = below + ((sprite.rgba[source + c] ?? 0) - below) * alpha
      }
    }
  }
}

/** Repeatable random numbers (mulberry32): the same film on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/**
 * A real camera is never noise-free: without grain a still scene would look like a frozen picture. A handful of grainy
 * backgrounds in changing order does, and costs a copy a frame instead of a pass over every pixel.
 */
export function grainy({ rgb, width, height }: Canvas): (n: number) => Canvas {
  const dice = random(99)
  const grounds = Array.from({ length: 11 }, () => {
    const copy = rgb.slice()
    for (let i = 0; i < copy.length; i += 3) {
      const noise = Math.round((dice() + dice() - 1) * 5)
      for (let c = 0; c < 3; c++) copy[i + c] = Math.min(255, Math.max(0, (copy[i + c] ?? 0) + noise))
    }
    return copy
  })
  return (n) => ({ width, height, rgb: (grounds[(n * 7) % grounds.length] as Uint8Array).slice() })
}
