import { cameraRulesShape } from '../../core/api/config.ts'
import type { ConfigCommands } from '../../core/config/objects.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import type { configRoutes } from './routes.ts'
import { visible } from './visible.ts'

export function configHandlers({
  configCommands: commands,
  city,
}: {
  readonly configCommands: ConfigCommands
  readonly city: CityReader
}): Handlers<typeof configRoutes> {
  async function changing<T>(work: Promise<T>): Promise<T> {
    const result = await work
    city.forget()
    return result
  }
  return {
    cameraRules: async ({ params }) => {
      const camera = (await commands.list('camera')).find(({ id }) => id === params.id)
      if (!camera) throw new SharpEyesError('not_found', `there is no camera "${params.id}"`)
      const { id, managedBy, version, body } = camera
      return cameraRulesShape.parse({ zones: {}, privacy: [], rules: [], ...body, id, managedBy, version })
    },
    config: async ({ params: { kind }, actor }) => ({
      items: (await commands.list(kind)).map((item) => ({
        ...item,
        body: visible(kind, item.body, actor),
      })),
    }),
    configVersions: async ({ params: { kind, id }, actor }) => ({
      items: (await commands.versions(kind, id)).map(({ at, body, ...version }) => ({
        ...version,
        body: body && visible(kind, body, actor),
        at: new Date(at).toISOString(),
      })),
    }),
    saveConfig({ params, body, actor }) {
      const { position, ...change } = body()
      const placed = position === undefined ? change : { ...change, position }
      return changing(commands.save(params.kind, params.id, placed, actor))
    },
    checkConfig: async ({ params, body }) => ({
      faults: [...(await commands.check(params.kind, params.id, body().body))],
    }),
    removeConfig: ({ params, body, actor }) =>
      changing(commands.remove(params.kind, params.id, body(), actor)),
    handConfig: ({ params, body, actor }) => changing(commands.hand(params.kind, params.id, body(), actor)),
  }
}
