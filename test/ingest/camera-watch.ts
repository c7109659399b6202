import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { createMediaTools } from '../../adapters/media-tools.ts'
import type { Fragment, InitSegment } from '../../ingest/hub/fragment.ts'
import type { SourceCamera } from '../../ingest/source/source.ts'
import { type CameraPull, startCamera } from '../../ingest/supervise/start-camera.ts'
import type { CameraState } from '../../ingest/supervise/state.ts'
import { recordingLog, recordingMetrics } from '../support/log.ts'
import { waitUntil } from '../support/wait-until.ts'

/** A started camera with everything that came out of it. */
export interface WatchedCamera extends AsyncDisposable {
  readonly pull: CameraPull
  readonly inits: InitSegment[]
  readonly fragments: Fragment[]
  readonly ends: string[]
  readonly states: CameraState[]
  readonly log: ReturnType<typeof recordingLog>
  readonly metrics: ReturnType<typeof recordingMetrics>
  frames(count: number): Promise<void>
  state(state: CameraState['state']): Promise<CameraState>
}

export function watchCamera(camera: SourceCamera, random: () => number = () => 0): WatchedCamera {
  const log = recordingLog()
  const metrics = recordingMetrics()
  const [inits, fragments, ends, states]: [InitSegment[], Fragment[], string[], CameraState[]] = [
    [],
    [],
    [],
    [],
  ]
  const mediaTools = createMediaTools({ log, metrics })
  const onState = (state: CameraState) => void states.push(state)
  const pull = startCamera({ camera, mediaTools, clock: systemClock, log, metrics, onState, random })
  pull.hub.subscribe({
    init: (segment) => void inits.push(segment),
    fragment: (fragment) => void fragments.push(fragment),
    ended: (reason) => void ends.push(reason),
  })
  return {
    pull,
    inits,
    fragments,
    ends,
    states,
    log,
    metrics,
    frames: (count) => waitUntil(`${count} frames of ${camera.id}`, () => fragments.length >= count),
    async state(state) {
      await waitUntil(`${camera.id} is ${state}`, () => pull.state.state === state)
      return pull.state
    },
    [Symbol.asyncDispose]: () => pull.stop(),
  }
}

/** How many ffmpeg processes this process has now. */
export function ffmpegsOf(parent: number): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const [, name, state, ppid] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? []
        return name === 'ffmpeg' && state !== 'Z' && Number(ppid) === parent
      } catch {
        return false // gone meanwhile
      }
    }).length
}
