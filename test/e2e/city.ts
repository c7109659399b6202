import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

export const PASSWORD = 'five quiet herons'
export const SECRET = `whsec_${Buffer.from('a webhook secret of 32 bytes, ok').toString('base64')}`

/** Who works in the city of the end-to-end tests; all with PASSWORD. */
export const PEOPLE = {
  operator: 'centre.duty',
  officer: 'traffic.duty',
  stranger: 'market.duty',
  verifier: 'grid.worker',
  admin: 'site.engineer',
} as const

export interface TestCity {
  /** As the city file has cameras (DESIGN 3.6). */
  readonly cameras: readonly object[]
  /** Where the leading department's webhook goes. */
  readonly webhook: string
}

/** Writes the city file with its secrets into `folder`; returns its path. */
export async function writeCity(folder: string, { cameras, webhook }: TestCity): Promise<string> {
  const secrets = join(folder, 'secrets')
  await mkdir(secrets, { recursive: true })
  await chmod(secrets, 0o700)
  const secret = async (name: string, text: string) => {
    await writeFile(join(secrets, name), `${text}\n`, { mode: 0o600 })
    return `secrets/${name}`
  }
  const passwordFile = await secret('password', PASSWORD)
  const user = (name: string, role: string, department?: string) => ({
    name,
    roles: [role],
    passwordFile,
    ...(department ? { department } : {}),
  })
  const city = {
    city: { name: '示例市', timezone: 'Asia/Shanghai', datum: 'GCJ-02' },
    departments: [
      {
        id: 'traffic',
        name: { zh: '交通管理局', en: 'Traffic' },
        channels: [{ kind: 'webhook', url: webhook, secretFile: await secret('traffic.whsec', SECRET) }],
      },
      { id: 'market', name: { zh: '市场监督管理局', en: 'Market supervision' } },
    ],
    users: [
      user(PEOPLE.operator, 'operator'),
      user(PEOPLE.officer, 'officer', 'traffic'),
      user(PEOPLE.stranger, 'officer', 'market'),
      user(PEOPLE.verifier, 'verifier'),
      user(PEOPLE.admin, 'admin'),
    ],
    cameras,
    routes: [{ lead: 'traffic', accept: '2h', handle: '1d' }],
  }
  const path = join(folder, 'city.yaml')
  await writeFile(path, stringify(city))
  return path
}
