export interface Size {
  readonly width: number
  readonly height: number
}

/** Even, at least 2: chroma of 4:2:0 is halved. */
const even = (length: number): number => Math.max(2, 2 * Math.round(length / 2))

/** Size of the analysis picture: at most `width` wide, never enlarged, aspect kept, both sides even. */
export function analysisSize(source: Size, width: number): Size {
  if (width >= source.width) return { width: even(source.width), height: even(source.height) }
  return { width: even(width), height: even((source.height * width) / source.width) }
}

export const rgbBytes = ({ width, height }: Size): number => width * height * 3
