import { createSentences } from './sentences.ts'

/** Why a still or a clip is not there, as whoever gives it up writes it; `{name}` is a fact. */
export const PICTURE_FAULTS = {
  not_held: 'the ring does not hold the picture',
  late: 'it takes longer than {ms} ms',
  no_still: 'no still of camera {camera} of {at}: the recording does not cover it',
  no_clip: 'no clip of camera {camera} of {from} to {to}: the recording does not cover it',
  never_answered: 'a worker took it {times} times and never answered',
  nobody: 'no worker holds the camera',
  worker_away: 'worker {worker}, whose disk has the recording, is away',
  camera_gone: 'its camera is no longer configured',
} as const

/** What was tried before stands in front, ended by a semicolon: the last fault is read. */
export const pictureFaults = createSentences(PICTURE_FAULTS, '(?:^|; )')
