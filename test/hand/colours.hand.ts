import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { insertAlert } from '../dashboard-api/matters.ts'
import { type DeskCity, openDesk, startDeskCity } from '../e2e/desks/desk-city.ts'
import { openCdp, say } from './measure.ts'

const EYES = ['none', 'protanopia', 'deuteranopia', 'tritanopia', 'achromatopsia'] as const
const FOLDER = join(tmpdir(), 'sharp-eyes-colours')

let city: DeskCity
beforeAll(async () => {
  city = await startDeskCity()
})
afterAll(() => city?.[Symbol.asyncDispose]())

/** Check 4: somebody has to look at them. */
test('alerts of every severity as colour-blind people see them', async () => {
  const { database } = city.dashboard
  for (const severity of [1, 2, 3, 4]) {
    const id = await insertAlert(database)
    await database.query('update alerts set severity = $1 where id = $2', [severity, id])
  }
  await mkdir(FOLDER, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await city.context('operator', { colorScheme, viewport: { width: 700, height: 560 } })
    const page = await context.newPage()
    const cdp = await openCdp(page)
    await openDesk(page, '/alerts')
    for (const type of EYES) {
      await cdp.send('Emulation.setEmulatedVisionDeficiency', { type })
      const path = join(FOLDER, `${colorScheme}-${type}.png`)
      await page.screenshot({ path })
      say(path)
    }
    await context.close()
  }
})
