/** What ffmpeg says on standard error at `-loglevel level+info` that matters to the reader of its pictures. */
export type DecoderLine =
  /** One `showinfo` line: written before each picture. `pos`: byte offset of the coded picture in the input, or null. */
  | {
      readonly kind: 'stamp'
      readonly filter: string
      readonly n: number
      readonly pts: number | null
      readonly pos: number | null
      readonly key: boolean
      readonly width: number
      readonly height: number
    }
  /** Ticks of the stamps of `filter` in seconds. */
  | { readonly kind: 'time_base'; readonly filter: string; readonly seconds: number }
  /** ffmpeg has read the init segment: from now on it decodes. */
  | { readonly kind: 'opened' }
  /** The decoder met damaged data: what it shows until the next sound key frame may be pieces of other pictures. */
  | { readonly kind: 'damage'; readonly text: string }

const STAMP =
  /\[(?:Parsed_)?(showinfo\S*) @ .*\bn: *(\d+) pts: *(-?\d+|NOPTS) .*? s:(\d+)x(\d+) .*\biskey:(\d)/
const POSITION = /\bpos: *(-?\d+)/
const TIME_BASE = /\[(?:Parsed_)?(showinfo\S*) @ .*\bconfig in time_base: (\d+)\/(\d+)/

// `concealing` and `corrupt decoded frame` are not said at error level.
const DAMAGE =
  /\[(?:h264|hevc|mjpeg|mpeg4|av1|vp9|NULL) @ [^\]]*\] \[(?:error|fatal)\]|\bconcealing \d+|corrupt decoded frame|Error while decoding stream|Error submitting (?:a )?packet/
// Said of sound pictures of real cameras: bookkeeping of references, never missing picture data.
const HARMLESS = /mmco: unref short failure|number of reference frames|co located POCs unavailable|SEI type/

/** Null: a line that says nothing of pictures. */
export function readDecoderLine(line: string): DecoderLine | null {
  const stamp = STAMP.exec(line)
  if (stamp) {
    const position = POSITION.exec(line)
    const pos = position ? Number(position[1]) : -1
    return {
      kind: 'stamp',
      filter: String(stamp[1]),
      n: Number(stamp[2]),
      pts: stamp[3] === 'NOPTS' ? null : Number(stamp[3]),
      // ffmpeg 7 no longer prints it.
      pos: pos >= 0 ? pos : null,
      key: stamp[6] === '1',
      width: Number(stamp[4]),
      height: Number(stamp[5]),
    }
  }
  if (line.includes('Input #0,')) return { kind: 'opened' }
  const base = TIME_BASE.exec(line)
  if (base) return { kind: 'time_base', filter: String(base[1]), seconds: Number(base[2]) / Number(base[3]) }
  if (DAMAGE.test(line) && !HARMLESS.test(line)) return { kind: 'damage', text: line }
  return null
}
