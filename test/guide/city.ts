import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataFolder } from '../../app/data-folder.ts'
import { prepareDevData } from '../../app/seed/prepare.ts'
import { withTools } from '../../app/tools.ts'
import type { CaseState } from '../../core/case/words.ts'
import type { Matters } from '../e2e/desks/desk-city.ts'
import { type Site, startSite } from '../support/site.ts'

/** Of this throw-away city only. */
export const PASSWORD = 'sharp-eyes-dev'
/** The page of health shows it: not below the home of whoever takes the pictures. */
const FOLDER = join(tmpdir(), 'sharp-eyes-guide')

/** The sample city with the story of `npm run dev`, begun anew, on the real program. Its films are kept. */
export async function startGuideCity(say: (line: string) => void): Promise<Site> {
  await mkdir(FOLDER, { recursive: true })
  await chmod(FOLDER, 0o755) // the embedded database has a user of its own
  for (const part of await readdir(FOLDER))
    if (part !== 'samples') await rm(join(FOLDER, part), { recursive: true, force: true })
  process.env.SHARP_EYES_PASSWORD = PASSWORD
  say('Seeding the sample city; the first time its films are drawn …')
  await withTools('guide', async (tools) => {
    await prepareDevData(await dataFolder(FOLDER), tools, 'http://127.0.0.1')
  })
  return startSite({ data: FOLDER, env: { SHARP_EYES_PASSWORD: PASSWORD } })
}

/** What the desks are about, by the name of the desk: what is said of it in the guide is on its picture. */
export async function findMatters(site: Site): Promise<(desk: string) => Matters> {
  const database = await site.database()
  try {
    const alert = await one<{ id: string }>(
      "select id from alerts where type = 'fire' and verdict is null order by opened_at desc limit 1",
    )
    const caseIn = async (state: CaseState, lead: string) =>
      (
        await one<{ no: string }>(
          'select no from cases where state = $1 and lead = $2 order by no',
          state,
          lead,
        )
      ).no
    async function one<T extends object>(sql: string, ...values: readonly string[]): Promise<T> {
      const [row] = (await database.query<T>(sql, values)).rows
      if (!row) throw new Error(`the story has nothing for: ${sql} ${values.join(' ')}`)
      return row
    }
    const handling = await caseIn('handling', 'urban')
    const reported = await caseIn('pending_check', 'urban')
    const closed = await caseIn('closed', 'ecology')
    return (desk) => ({
      ...{ alert: alert.id, waiting: handling },
      no: desk === 'one case' ? reported : desk === 'replay of a case' ? closed : handling,
    })
  } finally {
    await database[Symbol.asyncDispose]()
  }
}
