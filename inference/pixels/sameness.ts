import type { Frame } from '../../core/frame.ts'
import { type Polygon, WHOLE_PICTURE } from '../../core/geometry.ts'
import { type Mask, polygonMask } from './mask.ts'

/** How long a camera has shown one and the same picture. */
export interface Sameness {
  /** Since when the pictures are the same one, the settling of an encoder included; null: they differ. */
  readonly sinceMs: number | null
  /** For how long they have been the same within what encoding twice makes. */
  readonly strictMs: number
  /** Key frames in that time: an encoder that skips a quiet scene shows one picture until its next key frame. */
  readonly keys: number
  readonly pictures: number
  /** Mean difference from the first picture of that time, levels. */
  readonly difference: number
  /** It was seen alive: for some 10 s pictures differed over half of the picture, and did not cease to (an encoder that
   * settles on a still picture makes differences that sink). */
  readonly alive: boolean
}

/** Mean difference in levels up to which two pictures are one: what encoding one picture twice makes. */
export const SAME_LEVELS = 0.3
/** x264 codes a frozen picture better with each key frame, for some ten seconds: differences that fall below this share of what they were. */
const SETTLING = 0.75
/** Pictures are compared over at least this time, which is a key frame of a 2 s GOP. */
const APART_MS = 1_900
const REMEMBERED = 60
/** Alive: so many comparisons in a row differ over half of the picture, and none by far less than another. */
const ALIVE_CELLS = 0.5
const ALIVE_COMPARISONS = 5
const ALIVE_LEAST = 0.6
const COLUMNS = 16
const ROWS = 9
const STEP = 2

export interface SamenessMeter {
  step(frame: Frame, nowMs: number): Sameness
  reset(): void
}

interface Comparison {
  readonly fromMs: number
  readonly levels: number
  readonly cells: number
}

export function createSamenessMeter(privacy: readonly Polygon[]): SamenessMeter {
  let usable: Mask | null = null
  let slow: { readonly samples: Uint8Array; readonly atMs: number } | null = null
  let slowDifferences: Comparison[] = []
  let run: { readonly samples: Uint8Array; readonly atMs: number; keys: number; pictures: number } | null =
    null
  let alive = false

  const reset = () => {
    slow = null
    slowDifferences = []
    run = null
  }

  return {
    step(frame, nowMs) {
      const size = { width: Math.floor(frame.width / STEP), height: Math.floor(frame.height / STEP) }
      if (usable?.width !== size.width || usable.height !== size.height) {
        usable = polygonMask(WHOLE_PICTURE, size, privacy)
        reset()
      }
      const samples = sampleGreen(frame, size)
      if (!slow) slow = { samples, atMs: nowMs }
      else if (nowMs - slow.atMs >= APART_MS) {
        const levels = meanDifference(samples, slow.samples, usable)
        const cells = liveCells(samples, slow.samples, usable)
        slowDifferences = [...slowDifferences, { fromMs: slow.atMs, levels, cells }].slice(-REMEMBERED)
        alive ||= isAlive(slowDifferences.slice(-ALIVE_COMPARISONS))
        slow = { samples, atMs: nowMs }
      }
      const difference = run ? meanDifference(samples, run.samples, usable) : Number.POSITIVE_INFINITY
      if (!run || difference > SAME_LEVELS) {
        run = { samples, atMs: nowMs, keys: 0, pictures: 1 }
        return { sinceMs: null, strictMs: 0, keys: 0, pictures: 1, difference: 0, alive }
      }
      run.pictures++
      if (frame.key) run.keys++
      return {
        sinceMs: settlingSince(slowDifferences, run.atMs),
        strictMs: nowMs - run.atMs,
        keys: run.keys,
        pictures: run.pictures,
        difference,
        alive,
      }
    },
    reset,
  }
}

function isAlive(latest: readonly Comparison[]): boolean {
  if (latest.length < ALIVE_COMPARISONS || latest.some((c) => c.cells < ALIVE_CELLS)) return false
  const levels = latest.map((c) => c.levels)
  return Math.min(...levels) >= Math.max(SAME_LEVELS, ALIVE_LEAST * Math.max(...levels))
}

/** Back from the strict beginning over the pictures whose differences were already on their way down to nothing. */
function settlingSince(differences: readonly Comparison[], strictMs: number): number {
  const living = differences.slice(0, Math.max(1, Math.floor(differences.length / 3)))
  const levels = living.map((d) => d.levels).sort((a, b) => a - b)
  const usual = levels[levels.length >> 1] ?? 0
  let since = strictMs
  for (const { fromMs, levels: level } of differences.filter((d) => d.fromMs < strictMs).reverse()) {
    if (level >= SETTLING * usual) break
    since = fromMs
  }
  return since
}

/** Every second pixel of every second row, green only, not averaged: averaging would take the noise away. */
function sampleGreen(frame: Frame, size: { readonly width: number; readonly height: number }): Uint8Array {
  const samples = new Uint8Array(size.width * size.height)
  for (let y = 0; y < size.height; y++) {
    let at = y * STEP * frame.width * 3 + 1
    for (let x = 0; x < size.width; x++, at += STEP * 3) samples[y * size.width + x] = frame.rgb[at] as number
  }
  return samples
}

function meanDifference(a: Uint8Array, b: Uint8Array, mask: Mask): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    if (mask.data[i] === 1) sum += Math.abs((a[i] as number) - (b[i] as number))
  }
  return mask.area === 0 ? 0 : sum / mask.area
}

/** Share of the grid's cells in which more than one pixel in twenty differs. */
function liveCells(a: Uint8Array, b: Uint8Array, mask: Mask): number {
  const [differ, looked] = [new Uint32Array(COLUMNS * ROWS), new Uint32Array(COLUMNS * ROWS)]
  for (let y = 0; y < mask.height; y++) {
    const row = Math.min(ROWS - 1, Math.floor((y * ROWS) / mask.height)) * COLUMNS
    for (let x = 0; x < mask.width; x++) {
      const i = y * mask.width + x
      if (mask.data[i] === 0) continue
      const cell = row + Math.min(COLUMNS - 1, Math.floor((x * COLUMNS) / mask.width))
      looked[cell] = (looked[cell] as number) + 1
      if (a[i] !== b[i]) differ[cell] = (differ[cell] as number) + 1
    }
  }
  const counted = looked.filter((n) => n > 0).length
  const live = differ.filter((n, cell) => n > (looked[cell] as number) / 20).length
  return counted === 0 ? 0 : live / counted
}
