import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Fragment, Hub, HubReader, InitSegment } from '../../ingest/hub/fragment.ts'
import { parseInit, type TrackFacts } from '../../ingest/hub/init-segment.ts'
import { parseFragment } from '../../ingest/hub/movie-fragment.ts'
import { createSplitter } from '../../ingest/hub/splitter.ts'

/** One connection as a hub hands it on: its init segment and one fragment a frame. */
export interface Stream {
  readonly init: InitSegment
  readonly fragments: readonly Fragment[]
}

/** Remuxes a film as the pull does (`-c copy`, a fragment a frame) and splits it. `startedAt`: capture time of media time 0. */
export async function fragmentsOf(
  film: string,
  options: { connection?: number; startedAt?: number } = {},
): Promise<Stream> {
  const { connection = 1, startedAt = 1_700_000_000_000 } = options
  const args = ['-v', 'error', '-i', film, '-an', '-c', 'copy', '-movflags']
  args.push('frag_every_frame+empty_moov+default_base_moof+skip_trailer', '-f', 'mp4', 'pipe:1')
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 512 << 20 })
  let track: TrackFacts | null = null
  let initBytes: Buffer = Buffer.alloc(0)
  const fragments: Fragment[] = []
  const splitter = createSplitter({
    init(bytes) {
      initBytes = bytes
      track = parseInit(bytes)
    },
    fragment(bytes, moofSize) {
      if (!track) throw new Error('a fragment before the init segment')
      const { decodeTime, compositionOffset, key } = parseFragment(bytes, moofSize, track)
      const mediaMs = ((decodeTime + compositionOffset) * 1000) / track.timescale
      fragments.push({
        ...{ connection, index: fragments.length, bytes, decodeTime, mediaMs, key },
        ...{ arrivedAt: startedAt + mediaMs, capturedAt: Math.round(startedAt + mediaMs) },
        ...{ clock: { kind: 'arrival', errorMs: 100 }, discontinuity: false },
      })
    },
  })
  splitter.push(stdout)
  const { codec, width, height, timescale } = parseInit(initBytes)
  return { init: { connection, bytes: initBytes, codec, width, height, timescale }, fragments }
}

/** A hub that a test drives by hand. */
export function handHub(camera = 'cam-1'): Hub & HubReader {
  const readers = new Set<HubReader>()
  return {
    camera,
    get readers() {
      return readers.size
    },
    subscribe(reader) {
      readers.add(reader)
      return { [Symbol.dispose]: () => void readers.delete(reader) }
    },
    init(segment) {
      for (const reader of readers) reader.init(segment)
    },
    fragment(fragment) {
      for (const reader of readers) reader.fragment(fragment)
    },
    ended(reason) {
      for (const reader of readers) reader.ended(reason)
    },
  }
}

/** The fragment with its coded picture destroyed: the box structure stays, most of the slice data is noise. */
export function corrupted(fragment: Fragment, seed = 1): Fragment {
  const bytes = Buffer.from(fragment.bytes)
  const mdat = bytes.readUInt32BE(0) + 8
  let state = seed
  for (let i = mdat + Math.floor((bytes.length - mdat) / 10); i < bytes.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    bytes[i] = state >> 16
  }
  return { ...fragment, bytes }
}
