import { type Told, told } from './told.ts'

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
type PictureFault = keyof typeof PICTURE_FAULTS

export const pictureFault = (code: PictureFault, facts: Told['facts'] = {}): string =>
  PICTURE_FAULTS[code].replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '?'))

/** What was tried before may stand in front, ended by a semicolon. */
const PATTERNS = Object.entries(PICTURE_FAULTS).map(([code, text]) => ({
  code,
  // No text of the table has a sign that a pattern reads otherwise, but for the braces.
  pattern: new RegExp(`(?:^|; )${text.replaceAll(/\{(\w+)\}/g, '(?<$1>[^;]+?)')}$`),
}))

/** The inverse of `pictureFault`: by the last fault of a text. Null: other words, for example those of ffmpeg. */
export function readPictureFault(text: string | null): Told | null {
  if (text === null) return null
  for (const { code, pattern } of PATTERNS) {
    const found = pattern.exec(text)
    if (!found) continue
    const facts = Object.entries(found.groups ?? {}).map(([name, value]) => [name, value.slice(0, 200)])
    return told(code, Object.fromEntries(facts))
  }
  return null
}
