import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { freeBytes } from '../../adapters/evidence-store/disk.ts'
import { isRoot, traversableByOthers } from '../../adapters/os-user.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import { notBuiltYet, readCityFile } from '../city-file.ts'
import { dataFolder, PROJECT_ROOT } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { chosenModel, openDetector } from '../model.ts'
import { type Tools, withTools } from '../tools.ts'

type Grade = 'ok' | 'warn' | 'fail'
interface Finding {
  readonly name: string
  readonly grade: Grade
  readonly detail: string
}

/** Readiness, part by part; exit code 1 when something fails. Warnings do not fail. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('is this machine (and this city file) ready? exit code 1 when something fails')
    .option('--config <city.yaml>', 'check this city file too')
    .option('--model <id or file>', 'check this model')
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object')
    .action((options: { config?: string; model?: string; data?: string; json?: boolean }) =>
      withTools('doctor', async (tools) => {
        const findings = (await Promise.all(checks(options, tools))).flat()
        if (options.json)
          process.stdout.write(`${JSON.stringify({ ready: !findings.some(failed), findings })}\n`)
        else
          for (const { name, grade, detail } of findings)
            process.stdout.write(`${grade.padEnd(5)}${name.padEnd(14)}${detail}\n`)
        if (findings.some(failed)) process.exitCode = 1
      }),
    )
}

const failed = ({ grade }: Finding) => grade === 'fail'

/** A check that throws is a failure with its message. */
async function check(
  name: string,
  work: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await work()].flat()
  } catch (error) {
    return [{ name, grade: 'fail', detail: toSharpEyesError(error).message }]
  }
}

function checks(
  options: { config?: string; model?: string; data?: string },
  tools: Tools,
): readonly Promise<readonly Finding[]>[] {
  return [
    check('node', async () => ({
      name: 'node',
      grade: process.version.startsWith('v24.') ? 'ok' : 'fail',
      detail: `${process.version}; the project pins 24 (npm ci)`,
    })),
    check('ffmpeg', async () => {
      const child = tools.mediaTools().spawn('ffmpeg', ['-version'], { stdin: 'ignore' })
      let text = ''
      for await (const chunk of child.stdout) text += chunk
      await child.exited
      return { name: 'ffmpeg', grade: 'ok', detail: text.split('\n')[0] ?? '' }
    }),
    check('data folder', async () => {
      const folder = await dataFolder(options.data)
      const free = (await freeBytes(folder.path)) / 2 ** 30
      return {
        name: 'data folder',
        grade: free < 2 ? 'warn' : 'ok',
        detail: `${folder.path}, ${free.toFixed(1)} GiB free`,
      }
    }),
    check('database', async () => {
      const folder = await dataFolder(options.data)
      const { database, kind } = await openDatabase({
        folder,
        tools,
        own: false,
      })
      const { rows } = await database.query<{ version: string; dead: string }>(
        "select current_setting('server_version') as version, (select count(*) from notifications where state = 'dead') as dead",
      )
      const found: Finding[] = [
        { name: 'database', grade: 'ok', detail: `${kind}, PostgreSQL ${rows[0]?.version}` },
      ]
      if (rows[0]?.dead !== '0')
        found.push({
          name: 'notifications',
          grade: 'warn',
          detail: `${rows[0]?.dead} dead; send them again on the alert's or case's page`,
        })
      return found
    }),
    check('model', async () => {
      const name = chosenModel(options.model)
      if (!name)
        return {
          name: 'model',
          grade: 'warn',
          detail:
            'none: fire, smoke, lane_blocked and crowding are not watched (--model, or models/default.json)',
        }
      const { model, labels } = await openDetector(name, tools)
      return { name: 'model', grade: 'ok', detail: `${model.id} (${model.family}), ${labels.length} labels` }
    }),
    check('pages', async () => {
      const built = await readFile(`${PROJECT_ROOT}/dashboard-api/web/dist/index.html`).then(
        () => true,
        () => false,
      )
      return {
        name: 'pages',
        grade: built ? 'ok' : 'fail',
        detail: built ? 'built' : 'not built: npm run web:build',
      }
    }),
    check('isolation', async () => ({
      name: 'isolation',
      grade: isRoot() && !(await traversableByOthers(PROJECT_ROOT)) ? 'warn' : 'ok',
      detail: isRoot()
        ? 'video is decoded by an unprivileged user; camera passwords are handed over in pipes'
        : 'video is decoded by this user; camera passwords are handed over in pipes',
    })),
    ...(options.config ? [check('city file', () => cityFindings(options.config ?? ''))] : []),
  ]
}

async function cityFindings(path: string): Promise<readonly Finding[]> {
  const city = await readCityFile(path)
  const unreachable = city.departments.filter((d) => !d.channels.some((c) => c.kind === 'webhook'))
  return [
    {
      name: 'city file',
      grade: 'ok',
      detail: `${city.cameras.length} cameras, ${city.departments.length} departments, ${city.users.length} users`,
    },
    ...unreachable.map(
      (d): Finding => ({
        name: 'department',
        grade: 'warn',
        detail: `${d.id} has no channel that works: nobody is told`,
      }),
    ),
    ...notBuiltYet(city).map((detail): Finding => ({ name: 'not built', grade: 'warn', detail })),
  ]
}
