import type { BuiltRuleOf } from '../../core/config/rule.ts'
import type { Frame } from '../../core/frame.ts'
import { type Box, WHOLE_PICTURE } from '../../core/geometry.ts'
import { type Mask, polygonMask } from '../pixels/mask.ts'
import { type Finding, type Rule, type RuleContext, ruleBase } from './rule.ts'

const FOR_MS = 30_000
/** Mean difference in levels up to which two pictures are the same one: what encoding one picture twice makes. */
const SAME_LEVELS = 0.25
/** A source that was never seen alive is called frozen only after so many times `for`, and only when it is live. */
const NEVER_ALIVE = 10
/** A picture is alive when it differs from the one before it in this share of a 16 × 9 grid. */
const ALIVE_CELLS = 0.5
const COLUMNS = 16
const ROWS = 9
const STEP = 2
const WHOLE: Box = [0, 0, 1, 1]

/**
 * `camera_frozen`: time goes on and the picture does not. Every sensor makes noise, so two pictures of a working camera
 * are never the same one, also where nothing happens. A drawn film without noise cannot be told from a frozen camera by
 * one picture: therefore the picture must have been alive before (noise or movement over half of the picture). A live
 * camera that never was is reported after ten times `for`; a film that never was is not reported.
 */
export function createCameraFrozen(config: BuiltRuleOf<'camera_frozen'>, context: RuleContext): Rule {
  const forMs = config.for ?? FOR_MS
  let usable: Mask | null = null
  let before: Uint8Array | null = null
  let anchor: { readonly samples: Uint8Array; readonly atMs: number; pictures: number } | null = null
  let alive = false

  const voided = () => {
    before = null
    anchor = null
  }

  return {
    ...ruleBase(config, context, { clearMs: 2_000 }),
    type: 'camera_frozen',
    version: 'camera_frozen/1',
    thresholds: { sameLevels: SAME_LEVELS, forMs },
    needs: { scanMs: null, changedFps: 0, suspectedFps: 0 },
    step({ frame, picture, nowMs }): Finding {
      const size = { width: Math.floor(frame.width / STEP), height: Math.floor(frame.height / STEP) }
      if (usable?.width !== size.width || usable.height !== size.height) {
        usable = polygonMask(WHOLE_PICTURE, size, context.privacy)
        voided()
      }
      if (picture.restart !== null && picture.restart !== 'most of the picture changed at once') voided()
      const samples = sampleGreen(frame, size)
      if (before && liveCells(samples, before, usable) >= ALIVE_CELLS) alive = true
      before = samples
      const away = anchor ? meanDifference(samples, anchor.samples, usable) : Number.POSITIVE_INFINITY
      if (!anchor || away > SAME_LEVELS) {
        anchor = { samples, atMs: nowMs, pictures: 1 }
        return { kind: 'absent', reason: 'the picture changes' }
      }
      anchor.pictures++
      const stoodMs = nowMs - anchor.atMs
      const neededMs = alive
        ? forMs
        : frame.clock.kind === 'media'
          ? Number.POSITIVE_INFINITY
          : forMs * NEVER_ALIVE
      return {
        kind: 'present',
        firm: stoodMs >= neededMs && anchor.pictures >= 3,
        sinceMs: anchor.atMs,
        score: Math.max(0, 1 - away / (2 * SAME_LEVELS)),
        box: WHOLE,
        detections: [],
        measured: {
          frozenMs: Math.round(stoodMs),
          differenceLevels: Math.round(away * 1000) / 1000,
          pictures: anchor.pictures,
        },
        reason: `the same picture for ${Math.round(stoodMs / 1000)} s`,
      }
    },
    reset: voided,
  }
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
  for (let i = 0; i < a.length; i++)
    if (mask.data[i] === 1) sum += Math.abs((a[i] as number) - (b[i] as number))
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
