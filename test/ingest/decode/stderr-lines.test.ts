import { expect, it } from 'vitest'
import { readDecoderLine } from '../../../ingest/decode/stderr-lines.ts'

it('reads stamps of ffmpeg 5 and of ffmpeg 7, which says no position', () => {
  const five =
    '[Parsed_showinfo_1 @ 0x55dd92126800] [info] n:   7 pts:  89600 pts_time:7       pos:    33073 fmt:rgb24 sar:0/1 s:384x216 i:P iskey:1 type:I '
  expect(readDecoderLine(five)).toEqual({
    ...{
      kind: 'stamp',
      filter: 'showinfo_1',
      n: 7,
      pts: 89600,
      pos: 33073,
      key: true,
      width: 384,
      height: 216,
    },
  })
  const seven =
    '[showinfo@taken @ 0x5] [info] n:1234567 pts:-512 pts_time:-0.04 duration:  512 duration_time:0.04 fmt:rgb24 cl:unspecified sar:1/1 s:1920x1080 i:P iskey:0 type:B '
  expect(readDecoderLine(seven)).toEqual({
    ...{ kind: 'stamp', filter: 'showinfo@taken', n: 1234567, pts: -512, pos: null, key: false },
    ...{ width: 1920, height: 1080 },
  })
  const without =
    '[Parsed_showinfo_1 @ 0x5] [info] n:   0 pts: NOPTS pts_time:NOPTS   pos:       -1 fmt:rgb24 sar:0/1 s:64x36 i:P iskey:1 type:I '
  expect(readDecoderLine(without)).toMatchObject({ pts: null, pos: null })
})

it('reads the ticks', () => {
  const line = '[Parsed_showinfo_1 @ 0x55dd92126800] [info] config in time_base: 1/12800, frame_rate: 25/1'
  expect(readDecoderLine(line)).toEqual({ kind: 'time_base', filter: 'showinfo_1', seconds: 1 / 12800 })
})

it.each([
  '[h264 @ 0x5] [error] error while decoding MB 0 9, bytestream 2738',
  '[h264 @ 0x5] [info] concealing 169 DC, 169 AC, 169 MV errors in I frame',
  '[warning] pipe:0: corrupt decoded frame in stream 0',
  '[hevc @ 0x5] [error] Could not find ref with POC 12',
  '[NULL @ 0x5] [error] Invalid NAL unit size (1342029572 > 4240).',
  '[error] Error while decoding stream #0:0: Invalid data found when processing input',
])('takes as damage: %s', (line) => {
  expect(readDecoderLine(line)).toMatchObject({ kind: 'damage' })
})

it.each([
  '[h264 @ 0x5] [error] mmco: unref short failure',
  '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5] [warning] Stream #0: not enough frames to estimate rate',
  '[rawvideo @ 0x5] [error] Application provided invalid, non monotonically increasing dts to muxer',
  '[Parsed_showinfo_1 @ 0x5] [info] color_range:pc color_space:gbr color_primaries:unknown color_trc:unknown',
  '',
])('passes over: %s', (line) => {
  expect(readDecoderLine(line)).toBeNull()
})
