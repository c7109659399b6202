import sharp from 'sharp'

/** Of the palette, best first: text stays sharp at all of them, the cameras' pictures get flat. */
const QUALITIES = [60, 40, 20, 10, 5]

/** `png` with a palette, at most `most` bytes. Throws when it cannot be made that small. */
export async function shrink(png: Uint8Array, most: number): Promise<Buffer> {
  for (const quality of QUALITIES) {
    const made = await sharp(png).png({ palette: true, quality, effort: 8, dither: 0.3 }).toBuffer()
    if (made.byteLength <= most) return made
  }
  throw new Error(`a picture of ${png.byteLength} bytes cannot be made smaller than ${most}`)
}
