import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import { NODE_FLAGS } from '../../deploy/setup/node-flags.mjs'
import { FIRST_OPERATOR } from '../accounts.ts'
import { PROJECT_ROOT } from '../data-folder.ts'
import { NO_MODEL } from '../model.ts'
import type { Tools } from '../tools.ts'
import { type BenchChild, startChild } from './child.ts'
import { logIn } from './stream.ts'

const ONLINE_LIMIT_MS = 90_000
const LOOK_MS = 500

/** A whole Sharp Eyes of its own: `sharp-eyes start` with its embedded database, in a folder of its own. */
export interface BenchProgram {
  readonly child: BenchChild
  readonly url: string
  readonly operator: { readonly name: string; readonly password: string }
  /** Resolves when that many cameras are online. Throws with what the program says of them. */
  online(cameras: number): Promise<void>
  /** Cameras that are not in sentry now, each with the reason. Status is a few seconds old. */
  attentive(): Promise<readonly string[]>
}

/** Starts the program on this city (the contents of a city file). No setting of this machine's site reaches it. */
export async function startProgram(
  city: object,
  options: { tools: Tools; folder: string; name: string; model?: string | undefined },
): Promise<BenchProgram> {
  const { tools, folder, name } = options
  const { clock, signal, stack } = tools
  // JSON is YAML.
  const config = join(folder, `${name}.yaml`)
  await writeFile(config, JSON.stringify(city))
  const operator = { name: FIRST_OPERATOR, password: randomBytes(18).toString('base64url') }
  const child = startChild(
    `the program "${name}"`,
    process.execPath,
    [
      ...[...NODE_FLAGS, join(PROJECT_ROOT, 'app', 'main.ts'), 'start'],
      ...['--config', config, '--data', join(folder, name), '--port', '0'],
      // Without one named, what is measured is the program without a model, not with the one of new sites.
      ...['--model', options.model ?? NO_MODEL],
    ],
    {
      stack,
      env: {
        SHARP_EYES_PASSWORD: operator.password,
        SHARP_EYES_LOG: 'warn',
        // A bench never touches the database or the data of a real site.
        DATABASE_URL: undefined,
        SHARP_EYES_DATA: undefined,
        SHARP_EYES_MODEL: undefined,
      },
    },
  )
  const url = (await child.line(/^Sharp Eyes is at (\S+)/))[1] ?? ''

  const camerasPart = async (): Promise<string> => {
    const health = (await (await fetch(`${url}/api/health`, { signal })).json()) as {
      parts?: readonly { name: string; detail: string }[]
    }
    return health.parts?.find((part) => part.name === 'cameras')?.detail ?? 'the program says nothing of them'
  }
  return {
    child,
    url,
    operator,
    async online(cameras) {
      const until = clock.now() + ONLINE_LIMIT_MS
      for (;;) {
        const detail = await camerasPart()
        if (detail.startsWith(`${cameras} of ${cameras} online`)) return
        if (clock.now() > until)
          throw new SharpEyesError('internal', `the bench's cameras are not online: ${detail}`)
        await clock.sleep(LOOK_MS, signal)
      }
    },
    async attentive() {
      const client = await logIn(url, operator)
      const { items } = (await (await client.get('/api/cameras')).json()) as {
        items: readonly { id: string; attention: { level: string; reason: string } | null }[]
      }
      return items.flatMap(({ id, attention }) =>
        attention?.level === 'sentry' ? [] : [`${id}: ${attention?.reason ?? 'not online'}`],
      )
    },
  }
}

/** A city of cameras on these films, as a city file has them. */
export const benchCity = (
  urls: readonly string[],
  camera: { readonly zones: object; readonly rules: readonly object[] },
): object => ({
  city: { name: 'bench', timezone: 'UTC', datum: 'WGS-84' },
  departments: [{ id: 'duty', name: { zh: '值班', en: 'Duty' } }],
  cameras: urls.map((url, index) => ({
    id: `bench-${index + 1}`,
    name: { zh: `测试 ${index + 1}`, en: `Bench ${index + 1}` },
    purpose: 'public_safety',
    url,
    masking: 'frame',
    ...camera,
  })),
  routes: [{ lead: 'duty' }],
})
