/** Quiet, never reading the terminal, and warnings enough to classify a failure by. */
export const QUIET: readonly string[] = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning']

/**
 * Fragmented MP4 on standard output, a fragment a frame, let go at once. The first video track only: no sound is ever
 * read, and no cover picture (`V` leaves attached pictures out).
 */
export const FRAGMENTED_OUTPUT: readonly string[] = [
  ...['-movflags', 'frag_every_frame+empty_moov+default_base_moof+skip_trailer'],
  ...['-flush_packets', '1', '-f', 'mp4', 'pipe:1'],
]

export const VIDEO_ONLY: readonly string[] = ['-map', '0:V:0', '-an', '-sn', '-dn']

export const COPY: readonly string[] = ['-c:v', 'copy']

/** A key frame every 2 s, as a camera should send: what sentry decoding and a late viewer begin at. */
const KEY_EVERY_2_S = 'expr:gte(t,n_forced*2)'

/**
 * H.264 of what browsers cannot play and fragments cannot carry (MJPEG, MPEG-4 part 2 …). One picture in, one out,
 * without B-frames or look-ahead; even sizes and 8-bit 4:2:0 because nothing else plays everywhere. It costs a full
 * decode and encode, where copying costs 0.007 cores: noisy test pictures took 0.28 cores as 720p at 10 a second and 0.67
 * as 1080p at 25 (ffmpeg 5.1.9, `superfast`).
 */
export const toH264 = (filter = ''): readonly string[] => [
  ...['-vf', `${filter}scale=trunc(iw/2)*2:trunc(ih/2)*2:out_range=tv,format=yuv420p`],
  ...['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-crf', '23', '-threads', '1'],
  ...['-force_key_frames', KEY_EVERY_2_S, '-fps_mode', 'passthrough'],
]
