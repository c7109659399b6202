import type { ProbeProblemCode } from '../../core/camera-setup.ts'
import type { CameraReport } from './report.ts'

/** Something about a camera that costs or limits, in plain words with the way out. */
export interface ProbeProblem {
  readonly code: ProbeProblemCode
  readonly zh: string
  readonly en: string
}

type Facts = Omit<CameraReport, 'problems'>

/** Key frames are what a quiet camera is watched by: further apart than this it costs full decoding (docs/design.md). */
const MAX_GOP_SECONDS = 2.05
/** 1080p with room for 1920×1200; decoding costs in proportion to the picture. */
const LARGE_PIXELS = 1920 * 1200
const FEW_FPS = 5
const CLOCK_TOLERANCE = 0.1

/** Everything that the person who sets the camera up should know, most costly first. */
export function findProblems(facts: Facts): readonly ProbeProblem[] {
  return RULES.flatMap((rule) => rule(facts) ?? [])
}

const RULES: readonly ((facts: Facts) => ProbeProblem | null)[] = [
  ({ keyFrameSeconds, watchedSeconds, fps }) => {
    const long =
      keyFrameSeconds === null ? watchedSeconds > MAX_GOP_SECONDS : keyFrameSeconds > MAX_GOP_SECONDS
    if (!long) return null
    const every = keyFrameSeconds === null ? `> ${watchedSeconds} s` : `${keyFrameSeconds} s`
    const frames = Math.max(1, Math.round(fps * 2))
    return {
      code: 'long_gop',
      zh: `关键帧间隔 ${every}，超过 2 秒：平静时也要完整解码（CPU 约为十倍）。请把摄像机的 I 帧间隔设为 2 秒（${frames} 帧），或改用子码流。`,
      en: `A key frame comes every ${every}, more than 2 s: the camera is decoded fully even when nothing happens (about ten times the CPU). Set its I-frame interval to 2 s (${frames} frames), or use its sub-stream.`,
    }
  },
  ({ encodedFrom }) =>
    encodedFrom === null
      ? null
      : {
          code: 'encoded',
          zh: `视频为 ${encodedFrom}，需要实时转码为 H.264，每路占用较多 CPU。若摄像机支持，请改用 RTSP 的 H.264 码流。`,
          en: `The video is ${encodedFrom} and is encoded as H.264 on the way, which costs a full decode and encode. Use an RTSP stream in H.264 if the camera has one.`,
        },
  ({ codecName }) =>
    codecName === 'H.265'
      ? {
          code: 'h265',
          zh: '视频为 H.265：许多浏览器不能直接播放，实时画面可能看不到（检测与存证不受影响）。请改为 H.264 或提供 H.264 子码流。',
          en: 'The video is H.265: many browsers do not play it, so the live view may stay empty (detection and evidence work). Set H.264, or offer an H.264 sub-stream.',
        }
      : null,
  ({ width, height }) =>
    width * height > LARGE_PIXELS
      ? {
          code: 'large_picture',
          zh: `画面为 ${width}×${height}：完整解码的开销随像素数增长。若细节不必要，请使用 1080p 或子码流。`,
          en: `The picture has ${width}×${height}: full decoding costs in proportion to it. Use 1080p or a sub-stream unless the detail is needed.`,
        }
      : null,
  ({ fps }) =>
    fps > 0 && fps < FEW_FPS
      ? {
          code: 'few_pictures',
          zh: `每秒仅 ${fps} 帧：快速移动的目标难以跟踪。请设为每秒 5 帧以上。`,
          en: `Only ${fps} pictures a second: what moves fast cannot be followed. Set 5 or more.`,
        }
      : null,
  ({ bFrames }) =>
    bFrames
      ? {
          code: 'b_frames',
          zh: '码流含 B 帧：画面会延迟数帧。可在摄像机中关闭（编码档次 Baseline，或关闭 B 帧）。',
          en: 'The stream has B-frames: pictures come some frames later. They can be switched off in the camera (profile Baseline, or B-frames off).',
        }
      : null,
  ({ clockRate }) =>
    clockRate !== null && Math.abs(clockRate - 1) > CLOCK_TOLERANCE
      ? {
          code: 'clock_rate',
          zh: `码流时间与实际时间之比为 ${clockRate}：时间戳不可信，或网络跟不上。请检查摄像机时钟、帧率设置与网络。`,
          en: `The stream's time runs at ${clockRate} of the wall clock: its time stamps are wrong or the network is too slow. Check the camera's frame rate and the network.`,
        }
      : null,
]
