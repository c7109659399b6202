import { join } from 'node:path'
import { Command } from 'commander'
import { createServer } from 'vite'
import { SharpEyesError } from '../../core/errors.ts'
import { FIRST_OPERATOR } from '../accounts.ts'
import { dataFolder, PROJECT_ROOT } from '../data-folder.ts'
import { SAMPLE_ACCOUNTS } from '../sample-city.ts'
import { withTools } from '../tools.ts'
import { prepareDevData } from './prepare.ts'
import { runRestarting } from './restarting.ts'

/** Of development databases only; a real site makes a password of its own. */
const DEV_PASSWORD = 'sharp-eyes-dev'
const say = (line: string) => process.stdout.write(`${line}\n`)

/**
 * `npm run dev`: seeds `data-dev/`, starts the program on it, starts it again when a server file changes, and serves the
 * browser app by Vite, which changes pages in place. `--port N` (default 8080); other `args` go to `sharp-eyes start`.
 */
export async function runDev(argv: readonly string[]): Promise<void> {
  const command = new Command('dev').allowUnknownOption().option('--port <n>', 'port of the program', '8080')
  const { args } = command.argument('[args...]').parse(argv, { from: 'user' })
  const { port } = command.opts<{ port: string }>()
  const url = `http://127.0.0.1:${port}`
  if (process.env.DATABASE_URL)
    throw new SharpEyesError(
      'bad_request',
      'DATABASE_URL: "npm run dev" seeds accounts with a known password and refuses a database that it did not make; unset it',
    )
  const password = process.env.SHARP_EYES_PASSWORD ?? DEV_PASSWORD
  process.env.SHARP_EYES_PASSWORD = password
  const path = join(PROJECT_ROOT, 'data-dev')
  await withTools('dev', async (tools) => {
    say('Preparing data-dev/; the first time its sample cameras are drawn, some seconds …')
    const { alerts, cases } = await prepareDevData(await dataFolder(path), tools, url)
    say(`data-dev/ has ${alerts} alerts and ${cases} cases (delete the folder to begin anew)`)
  })
  await withTools('dev', async (tools) => {
    const web = await createServer({
      configFile: join(PROJECT_ROOT, 'dashboard-api', 'web', 'vite.config.ts'),
      logLevel: 'warn',
      clearScreen: false,
      server: { proxy: { '/api': { target: url, ws: true } } },
    })
    tools.stack.push('browser app', () => web.close())
    await web.listen()
    say(`Pages that change as you write: ${web.resolvedUrls?.local[0] ?? 'see the lines above'}`)
    say(`The program, with the built pages:  ${url}/`)
    const people = [FIRST_OPERATOR, ...SAMPLE_ACCOUNTS.map(({ name }) => name)]
    const shown = password === DEV_PASSWORD ? `"${password}"` : 'the one of SHARP_EYES_PASSWORD'
    say(`Accounts: ${people.join(', ')}; password of all: ${shown}`)
    await runRestarting(['start', '--data', path, '--port', port, ...args], tools)
  })
}
