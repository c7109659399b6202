import { useSyncExternalStore } from 'react'
import type { Purpose } from '../../../../core/catalogue.ts'
import { createStore } from '../live/store.ts'

/** Places behind a door, where people work: who looks says what for. A street has the purpose of its camera. */
const ASKED: readonly Purpose[] = ['kitchen', 'work_safety']

/** Offered on screen; the server takes any text. */
export const LOOK_PURPOSES = ['routine', 'alert', 'case', 'inspection'] as const

const KEY = 'sharp-eyes.look-purpose'

const read = (): string | null => {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

const given = createStore<string | null>(read())

/** For this tab and this log-in alone: tomorrow somebody else sits here. */
export function givePurpose(purpose: string): void {
  given.set(purpose)
  try {
    sessionStorage.setItem(KEY, purpose)
  } catch {
    // Kept until the page is closed.
  }
}

/** What is written into the log of looks; null: the person has to say it first. */
export function useLookPurpose(purpose: Purpose): string | null {
  const said = useSyncExternalStore(given.subscribe, given.get)
  return said ?? (ASKED.includes(purpose) ? null : purpose)
}
