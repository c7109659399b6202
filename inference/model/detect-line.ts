import type { Detection, Frame } from '../../core/frame.ts'

const places4 = (value: number) => Number(value.toFixed(4))

/** One line of `detect --json`, without the newline: media seconds, index in the source, what was found. */
interface DetectLine {
  readonly t: number
  readonly frame: number
  readonly detections: readonly {
    readonly label: string
    readonly score: number
    /** Left, top, right, bottom as fractions of the picture. */
    readonly box: readonly [number, number, number, number]
  }[]
}

/** Best first, then by name and place: the same pictures give the same bytes. Scores and boxes have 4 decimals, `t` 3. */
export function detectLine(
  frame: Pick<Frame, 'mediaMs' | 'index'>,
  detections: readonly Detection[],
): string {
  const line: DetectLine = {
    t: Number((frame.mediaMs / 1000).toFixed(3)),
    frame: frame.index,
    detections: detections
      .map(({ label, score, box: [l, t, r, b] }) => ({
        label,
        score: places4(score),
        box: [places4(l), places4(t), places4(r), places4(b)] as const,
      }))
      .toSorted(
        (a, b) =>
          b.score - a.score ||
          (a.label < b.label ? -1 : a.label > b.label ? 1 : 0) ||
          a.box.map((v, i) => v - (b.box[i] as number)).find((d) => d !== 0) ||
          0,
      ),
  }
  return JSON.stringify(line)
}
