import type { HazardEvent } from '../../core/event.ts'
import type { Track } from '../../core/frame.ts'
import type { LoggedPicture, TrackLogEntry, TrackLogHead } from '../../core/track-log.ts'
import type { TrackRule } from '../rules/rule.ts'
import { createTracker } from '../track/tracker.ts'
import type { EventChange } from '../watch/lifecycle.ts'
import { adoptEvent, createPosts, judge, type Post, type PostsDeps } from '../watch/posts.ts'
import { createTimeline } from '../watch/timeline.ts'

/** The rules over tracks of one camera, judging the pictures of its track log as a watcher judged them live. */
export interface TrackReplay {
  /** Entries in the order of the log; answers the changes of events that the entry gave. */
  take(entry: TrackLogEntry): readonly EventChange[]
  readonly open: readonly HazardEvent[]
}

export function createTrackReplay(deps: Omit<PostsDeps, 'looks'>): TrackReplay {
  let run: { readonly head: TrackLogHead; readonly judge: RunJudge } | null = null

  const open = () => run?.judge.open() ?? []
  return {
    take(entry) {
      if (entry.kind === 'lost') return []
      if (entry.kind === 'picture') return run?.judge.picture(entry.picture) ?? []
      // Each file begins with the head of its run; a new run is a new watcher, which takes the open events over.
      if (run?.head.run !== entry.head.run) {
        const next = createRun(deps, entry.head)
        for (const event of open()) next.adopt(event)
        run = { head: entry.head, judge: next }
      }
      return []
    },
    get open() {
      return open()
    },
  }
}

interface RunJudge {
  picture(picture: LoggedPicture): readonly EventChange[]
  adopt(event: HazardEvent): void
  open(): readonly HazardEvent[]
}

const overTracks = (post: Post): post is Post<TrackRule> => post.rule.over === 'tracks'

function createRun(deps: Omit<PostsDeps, 'looks'>, head: TrackLogHead): RunJudge {
  const looks = head.model && {
    model: head.model,
    labels: head.labels,
    operatingPoints: head.operatingPoints,
  }
  const posts = createPosts({ ...deps, looks }).posts.filter(overTracks)
  const timeline = createTimeline()
  const tracker = createTracker()
  let connection = 0
  let tracks: readonly Track[] = []

  return {
    picture(picture) {
      const nowMs = timeline.now(picture)
      if (picture.restart || picture.connection !== connection) {
        tracker.reset()
        tracks = []
      }
      connection = picture.connection
      const { detections, capturedAt } = picture
      if (detections !== null) tracks = tracker.step(detections, nowMs)
      const asked = { capturedAt, detections, failure: null }
      const changes: EventChange[] = []
      for (const post of posts) {
        const finding = judge(post, asked, (rule, isOpen) =>
          rule.step({ nowMs, detections, tracks, open: isOpen }),
        )
        const change = post.lifecycle.step(finding, { nowMs, frame: picture })
        if (change) changes.push(change)
      }
      return changes
    },
    adopt: (event) => void adoptEvent(posts, event),
    open: () => posts.flatMap(({ lifecycle }) => (lifecycle.open ? [lifecycle.open] : [])),
  }
}
