import type { Actor } from '../../core/actor.ts'
import type { CameraLogin, CameraLogins, CameraProbe } from '../../core/camera-setup.ts'
import { RESERVED_IDS } from '../../core/config/camera-csv-form.ts'
import { addressForLog } from '../../core/config/camera-url.ts'
import type { ConfigCommands, ConfigView } from '../../core/config/objects.ts'
import { idSchema } from '../../core/config/shared.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { CityReader } from '../city.ts'
import { visible } from '../config/visible.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import { configuredAt } from './configured.ts'
import type { cameraSetupRoutes } from './routes.ts'

export function cameraSetupHandlers(deps: {
  readonly cameraLogins: CameraLogins
  readonly cameraProbe: CameraProbe
  readonly configCommands: ConfigCommands
  readonly city: CityReader
  readonly looks: Looks
}): Handlers<typeof cameraSetupRoutes> {
  const { cameraLogins: logins, configCommands: commands, city, looks } = deps

  /** Keeps the login, then saves; without the camera the file goes again. */
  async function keeping(
    id: string,
    login: CameraLogin,
    save: (credentialsFile: string) => Promise<ConfigView>,
  ): Promise<{ item: ConfigView; credentialsFile: string; from: CameraLogins['from'] }> {
    const credentialsFile = await logins.keepLogin(id, login)
    try {
      return { item: await save(credentialsFile), credentialsFile, from: logins.from }
    } catch (error) {
      await logins.dropLogin(credentialsFile)
      throw error
    }
  }

  return {
    async probeCamera({ body, actor, response }) {
      const { url, user, password } = body()
      const gone = new AbortController()
      response.once('close', () => gone.abort(new Error('nobody waits for the answer')))
      const login = user === undefined || password === undefined ? null : { user, password }
      const known = configuredAt(url, (await city.read()).cameras.values())
      const probed = await deps.cameraProbe.probe(url, login, gone.signal, known?.hide)
      // Only now is it sure that somebody looked; before the answer leaves: no row, no picture.
      await looks.write({
        ...{ who: actor.name, what: 'live', object: `address:${addressForLog(url)}` },
        // A guess is none of the looks at a camera.
        ...{ camera: known?.sure ? known.id : null, purpose: 'camera_setup', caseNo: null },
      })
      return { ...probed, configured: known && { id: known.id, sure: known.sure } }
    },
    async addCamera({ body, actor }) {
      const { body: said, reason, user, password } = body()
      const id = idOf(said)
      const save = async (more: object): Promise<ConfigView> => {
        const item = await commands.save(
          'camera',
          id,
          { version: null, body: { ...said, ...more }, reason },
          actor,
        )
        city.forget()
        return item
      }
      if (user === undefined || password === undefined)
        return { item: await save({}), credentialsFile: null, from: logins.from }
      await refuseTaken(commands, id)
      return keeping(id, { user, password }, (credentialsFile) => save({ credentialsFile }))
    },
    async changeCameraLogin({ params: { id }, body, actor }) {
      const { version, user, password, reason } = body()
      const now = (await commands.list('camera')).find((camera) => camera.id === id)
      if (!now) throw new SharpEyesError('not_found', `there is no camera "${id}"`)
      return keeping(id, { user, password }, async (credentialsFile) => {
        const change = { version, body: { ...now.body, credentialsFile }, reason }
        const item = await commands.save('camera', id, change, actor as Actor)
        city.forget()
        return item
      })
    },
    removedConfig: async ({ params: { kind }, actor }) => ({
      items: (await commands.removed(kind)).map(({ at, body, ...removed }) => ({
        ...removed,
        body: visible(kind, body, actor),
        at: new Date(at).toISOString(),
      })),
    }),
  }
}

function idOf({ id }: Readonly<Record<string, unknown>>): string {
  const read = idSchema.safeParse(id)
  if (!read.success)
    throw new SharpEyesError(
      'invalid',
      'body.id: an id has letters, digits, ".", "_" or "-", at most 63, no spaces',
      { details: { why: 'id_form' } },
    )
  if (RESERVED_IDS.includes(read.data.toLowerCase()))
    throw new SharpEyesError('invalid', `body.id: "${read.data}" is the name of a page; choose another id`, {
      details: { why: 'id_reserved', id: read.data },
    })
  return read.data
}

/** Before a file is written for nothing; the saving itself decides. */
async function refuseTaken(commands: ConfigCommands, id: string): Promise<void> {
  const taken = (await commands.list('camera')).find((camera) => camera.id === id)
  if (!taken) return
  throw new SharpEyesError('state_conflict', `there is a camera ${id} already; choose another id`, {
    details: { why: 'exists', id, version: taken.version, managedBy: taken.managedBy },
  })
}
