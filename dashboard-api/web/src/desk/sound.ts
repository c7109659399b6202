import { createStore } from '../live/store.ts'
import type { Tone } from './alarms.ts'
import { playTone } from './tones.ts'

/**
 * `off`: no gesture has unlocked audio here · `on`: this tab can sound · `elsewhere`: another tab of the browser does ·
 * `silent`: switched off by the operator.
 */
export type SoundState = 'off' | 'on' | 'elsewhere' | 'silent'

const LOCK = 'sharp-eyes.sound'
const LOOK_MS = 3_000

/** One tab sounds: the one that holds the lock among those that can. Without Web Locks each tab has its own stream. */
function createSound() {
  const state = createStore<SoundState>('off')
  let context: AudioContext | null = null
  let leads = !navigator.locks
  let wanted = true
  let release: (() => void) | null = null

  const runs = () => context?.state === 'running'
  const lead = () => {
    if (!navigator.locks || release) return
    const held = new Promise<void>((done) => {
      release = done
    })
    void navigator.locks.request(LOCK, async () => {
      leads = true
      await held
      leads = false
    })
  }
  const look = async () => {
    if (!wanted) return state.set('silent')
    if (runs()) {
      lead()
      return state.set('on')
    }
    release?.()
    release = null
    const others = (await navigator.locks?.query())?.held?.some(({ name }) => name === LOCK) ?? false
    state.set(others ? 'elsewhere' : 'off')
  }

  return {
    state,
    /** In the handler of a press: browsers allow sound only then. */
    async unlock(): Promise<void> {
      context ??= new AudioContext()
      context.onstatechange = () => void look()
      wanted = true
      await context.resume()
      await look()
    },
    silence(silent: boolean): void {
      wanted = !silent
      void look()
    },
    /** `always`: also when another tab leads, for the test that somebody listens to here. */
    play(tone: Tone, always = false): void {
      if (context && runs() && wanted && (leads || always)) playTone(context, tone)
    },
    leads: () => leads && runs() && wanted,
    watch(): () => void {
      void look()
      const timer = setInterval(() => void look(), LOOK_MS)
      return () => clearInterval(timer)
    },
  }
}

export const sound = createSound()
