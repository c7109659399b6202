import sharp from 'sharp'

/** Of the palette, best first: text stays sharp at all of them, the cameras' pictures get flat. */
const QUALITIES = [60, 40, 20, 10, 5]
/** Without dots between two colours of the palette a picture is smaller, and its skies have steps. */
const DITHERS = [0.3, 0]

/** `png` with a palette, at most `most` bytes. Throws when it cannot be made that small. */
export async function shrink(png: Uint8Array, most: number): Promise<Buffer> {
  for (const dither of DITHERS) {
    for (const quality of QUALITIES) {
      const made = await sharp(png).png({ palette: true, quality, effort: 8, dither }).toBuffer()
      if (made.byteLength <= most) return made
    }
  }
  throw new Error(`a picture of ${png.byteLength} bytes cannot be made smaller than ${most}`)
}
