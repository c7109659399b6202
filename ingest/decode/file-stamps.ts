import { SharpEyesError } from '../../core/errors.ts'
import type { MediaProcess } from '../../core/ports/media.ts'
import { readDecoderLine } from './stderr-lines.ts'

export interface FileStamp {
  /** Index of the picture in the file. */
  readonly index: number
  readonly mediaMs: number
  readonly key: boolean
}

/**
 * The stamps of the pictures that ffmpeg writes, in order. It says each picture of the file (`showinfo@source`) before
 * it says that the picture is taken (`showinfo@taken`), so the taken one is the latest of the source with its time.
 */
export function createFileStamps(media: MediaProcess): { next(): Promise<FileStamp> } {
  const ready: FileStamp[] = []
  let tick: number | null = null
  /** Pictures of the file that were said and are not passed yet; the first one has this index. */
  let source: (number | null)[] = []
  let firstIndex = 0
  let waiting: PromiseWithResolvers<void> | null = null
  let fault: SharpEyesError | null = null
  let ended = false

  const wake = () => waiting?.resolve()
  const fail = (text: string) => {
    fault ??= new SharpEyesError('source_invalid', text)
    wake()
  }

  media.onStderr((text) => {
    const line = readDecoderLine(text)
    if (line?.kind === 'time_base' && line.filter.startsWith('showinfo@taken')) tick = line.seconds
    if (line?.kind !== 'stamp') return
    if (line.filter.startsWith('showinfo@source')) {
      source.push(line.pts)
      return
    }
    if (line.pts === null || tick === null) return fail('the file has no time stamps')
    const at = source.indexOf(line.pts)
    if (at < 0) return fail('a picture was taken that the file does not hold')
    ready.push({
      index: firstIndex + at,
      // Microseconds: what is beyond is noise of the division.
      mediaMs: Math.round(line.pts * tick * 1e6) / 1e3,
      key: line.key,
    })
    firstIndex += at + 1
    source = source.slice(at + 1)
    wake()
  })
  media.exited.then(
    () => {
      ended = true
      wake()
    },
    () => wake(),
  )

  return {
    async next() {
      for (;;) {
        const stamp = ready.shift()
        if (stamp) return stamp
        if (fault) throw fault
        if (ended) throw new SharpEyesError('source_invalid', 'ffmpeg gave a picture without its time stamp')
        waiting = Promise.withResolvers<void>()
        await waiting.promise
      }
    },
  }
}
