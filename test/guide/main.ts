import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { launchChromium } from '../support/browser.ts'
import { findMatters, startGuideCity } from './city.ts'
import { createPhotographer } from './photographer.ts'
import { GUIDE_PICTURES, LANGUAGES, MOST_BYTES, MOST_BYTES_ALL, PICTURES } from './pictures.ts'
import { shrink } from './shrink.ts'
import { until } from './until.ts'

/**
 * `npm run guide`: builds the pages, starts the program with the story of the development data, photographs every desk
 * in both languages, and writes `docs/guide/pictures`. Words after the command are desks: only these are taken anew.
 */
const ROOT = resolve(import.meta.dirname, '../..')
/** The sample cameras need a moment until there is something to look at in their recordings. */
const RECORDED_MS = 90_000
const say = (line: string) => process.stdout.write(`${line}\n`)

const asked = process.argv.slice(2)
const wanted = GUIDE_PICTURES.filter(({ desk }) => asked.length === 0 || asked.includes(desk.name))
const languages = Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]
const most = Math.min(MOST_BYTES, Math.floor(MOST_BYTES_ALL / (GUIDE_PICTURES.length * languages.length)))

say('Building the pages …')
execFileSync(
  process.execPath,
  [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--config', 'dashboard-api/web/vite.config.ts'],
  { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
)
const site = await startGuideCity(say)
try {
  say(`The program is at ${site.url}; its cameras begin …`)
  const started = Date.now()
  const database = await site.database()
  await until(
    'the sample cameras are online',
    async () => {
      const { rows } = await database.query<{ n: string }>(
        "select count(*) as n from camera_status where status ->> 'state' = 'online'",
      )
      return Number(rows[0]?.n) >= 3
    },
    300_000,
  )
  await database[Symbol.asyncDispose]()
  const matters = await findMatters(site)
  if (wanted.some(({ desk }) => desk.name === 'history'))
    await new Promise((done) => setTimeout(done, Math.max(0, started + RECORDED_MS - Date.now())))
  await using chromium = await launchChromium()
  const photographer = createPhotographer(chromium, site.url)
  await photographer.hold(matters('holds'))
  let total = 0
  for (const language of languages) {
    const folder = join(PICTURES, language)
    await mkdir(folder, { recursive: true })
    if (asked.length === 0) for (const old of await readdir(folder)) await rm(join(folder, old))
    for (const picture of wanted) {
      const png = await shrink(await photographer.take(picture, language, matters(picture.desk.name)), most)
      await writeFile(join(folder, picture.file), png)
      total += png.byteLength
      say(`${language}/${picture.file} ${(png.byteLength / 1_000).toFixed(0)} kB`)
    }
  }
  say(`${wanted.length * languages.length} pictures, ${(total / 1_000_000).toFixed(2)} MB`)
} finally {
  await site.stop()
}
