import type { Tone } from './alarms.ts'

interface Beep {
  /** Hz. */
  readonly pitch: number
  /** Seconds after the start. */
  readonly at: number
  readonly lasts: number
}

const TONES: Readonly<Record<Tone, readonly Beep[]>> = {
  test: [{ pitch: 660, at: 0, lasts: 0.4 }],
  /** Severity 1: two tones. */
  urgent: [
    { pitch: 880, at: 0, lasts: 0.3 },
    { pitch: 660, at: 0.36, lasts: 0.45 },
  ],
  /** Severity 2: one. */
  high: [{ pitch: 740, at: 0, lasts: 0.4 }],
  /** The page gets no news. */
  stale: [{ pitch: 330, at: 0, lasts: 0.7 }],
}
const VOLUME = 0.35

/** Own tones, made by the browser: nothing is loaded, and they sound alike on every desk. */
export function playTone(context: AudioContext, tone: Tone): void {
  for (const { pitch, at, lasts } of TONES[tone]) {
    const start = context.currentTime + at
    const oscillator = context.createOscillator()
    const gain = context.createGain()
    oscillator.type = 'triangle'
    oscillator.frequency.value = pitch
    // Ramps instead of edges: an edge clicks.
    gain.gain.setValueAtTime(0, start)
    gain.gain.linearRampToValueAtTime(VOLUME, start + 0.02)
    gain.gain.setValueAtTime(VOLUME, start + lasts - 0.05)
    gain.gain.linearRampToValueAtTime(0, start + lasts)
    oscillator.connect(gain).connect(context.destination)
    oscillator.start(start)
    oscillator.stop(start + lasts)
  }
}
