/** Addresses of a worker's recordings, beside those of its live pictures (adapters/live/wire.ts), by the same secret. */
export const recordingPath = (camera: string, what: 'ranges' | 'part' | 'picture' | 'pin'): string =>
  `/recordings/${encodeURIComponent(camera)}/${what}`

const PATH = /^\/recordings\/([^/]{1,190})\/(ranges|part|picture|pin)$/

export function readRecordingPath(path: string): {
  readonly camera: string
  readonly what: 'ranges' | 'part' | 'picture' | 'pin'
} | null {
  const [, name, what] = PATH.exec(path) ?? []
  if (name === undefined || (what !== 'ranges' && what !== 'part' && what !== 'picture' && what !== 'pin'))
    return null
  try {
    return { camera: decodeURIComponent(name), what }
  } catch {
    return null
  }
}
