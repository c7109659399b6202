import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { openSiteModel } from '../../app/model.ts'
import { createPersonFinder } from '../../app/worker/person-finder.ts'
import type { Box } from '../../core/geometry.ts'
import { createStopStack } from '../../core/stop-stack.ts'
import { planMask } from '../../inference/masking/plan.ts'
import { assets } from '../support/assets.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { decodePictures } from '../support/pictures.ts'
import { say } from './measure.ts'

/** So much of a face must lie inside what is masked. */
const ENOUGH = 0.5
/** Sizes of a face, its height in pixels of the picture. */
const SIZES = [0, 16, 32, 64] as const

/** Share of the box that at least one of the others covers, by a grid over it. */
function covered([left, top, right, bottom]: Box, by: readonly Box[]): number {
  const STEPS = 20
  let inside = 0
  for (let y = 0; y < STEPS; y++)
    for (let x = 0; x < STEPS; x++) {
      const at = [
        left + ((x + 0.5) / STEPS) * (right - left),
        top + ((y + 0.5) / STEPS) * (bottom - top),
      ] as const
      if (by.some(([l, t, r, b]) => at[0] >= l && at[0] < r && at[1] >= t && at[1] < b)) inside += 1
    }
  return inside / STEPS ** 2
}

function facesOf(name: string): readonly Box[] {
  const text = readFileSync(assets.data('masks', 'labels', name.replace(/\.\w+$/, '.txt')), 'utf8')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): Box => {
      const [, x = 0, y = 0, w = 0, h = 0] = line.split(' ').map(Number)
      return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
    })
}

/** Of the record of the training (`index.json` in its cache, models/train/README.md): those it was not trained on. */
function namesOf(index: string | undefined): readonly string[] {
  const all = readdirSync(assets.data('masks', 'images'))
  if (index === undefined) return all
  const entries = JSON.parse(readFileSync(index, 'utf8')) as readonly {
    name: string
    set: string
    part: string
  }[]
  const held = new Set(
    entries.flatMap(({ name, set, part }) => (set === 'masks' && part === 'val' ? [basename(name)] : [])),
  )
  return all.filter((name) => held.has(name) || held.has(name.replace(/\.\w+$/, '')))
}

/** `INDEX=…/cache/index.json`: the validation pictures alone; without it all, most of which the model was trained on. */
test('share of labelled faces that masking covers', async () => {
  const stack = createStopStack({ log: silentLog, clock: systemClock })
  const tools = { clock: systemClock, log: silentLog, metrics: recordingMetrics(), stack } as never
  const { detector } = await openSiteModel(undefined, tools)
  const finder = createPersonFinder(detector)
  const camera = { id: 'masks', masking: 'heads' } as const
  const counts = SIZES.map(() => ({ faces: 0, masked: 0 }))
  const names = namesOf(process.env.INDEX)
  for (const name of names) {
    const [picture] = await decodePictures(assets.data('masks', 'images', name))
    if (!picture) throw new Error(`${name} holds no picture`)
    const plan = await planMask(picture, camera, finder, silentLog)
    if (plan.kind !== 'heads') throw new Error(`${name}: ${plan.method}`)
    for (const face of facesOf(name)) {
      const height = (face[3] - face[1]) * picture.height
      const count = counts[SIZES.findLastIndex((least) => height >= least)]
      if (!count) continue
      count.faces += 1
      if (covered(face, plan.heads) >= ENOUGH) count.masked += 1
    }
  }
  const percent = ({ faces, masked }: { faces: number; masked: number }) =>
    `${masked} of ${faces} (${faces > 0 ? Math.round((100 * masked) / faces) : 0} %)`
  const sum = (of: 'faces' | 'masked') => counts.reduce((total, count) => total + count[of], 0)
  const all = { faces: sum('faces'), masked: sum('masked') }
  say(`${names.length} pictures, faces at least half inside a masked region: ${percent(all)}`)
  SIZES.forEach((least, n) => {
    say(`  faces from ${least} pixels high: ${percent(counts[n] ?? { faces: 0, masked: 0 })}`)
  })
  expect(all.faces).toBeGreaterThan(0)
  await stack.stop()
})
