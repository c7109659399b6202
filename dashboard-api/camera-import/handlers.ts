import type { ConfigCommands } from '../../core/config/objects.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { planImport } from './plan.ts'
import type { cameraImportRoutes } from './routes.ts'

export function cameraImportHandlers({
  configCommands: commands,
  city,
}: {
  readonly configCommands: ConfigCommands
  readonly city: CityReader
}): Handlers<typeof cameraImportRoutes> {
  return {
    async checkCameraImport({ body }) {
      const { lines, rows, faults } = await planImport(body().text, commands)
      return { lines, rows, faults }
    },
    async importCameras({ body, actor }) {
      const { text, reason, rightOnly, versions } = body()
      const { lines, rows, faults, changes } = await planImport(text, commands)
      if (faults.length > 0 && !rightOnly)
        throw new SharpEyesError(
          'config_invalid',
          `${faults.length} faults in ${lines} lines: nothing was saved; correct them, or choose to save the right lines`,
          { details: { why: 'import_faults', n: faults.length, faults } },
        )
      if (changes.length === 0)
        throw new SharpEyesError('invalid', 'there is no right line in this list: nothing was saved', {
          details: { why: 'no_right_line' },
        })
      // What was seen decides, not what is there now: another's change in between is refused, not overwritten.
      const seen = changes.map((change) => ({ ...change, version: versions[change.id] ?? null }))
      await commands.saveMany('camera', seen, reason, actor)
      city.forget()
      const count = (what: (typeof rows)[number]['change']) =>
        rows.filter(({ change }) => change === what).length
      return {
        ...{ added: count('added'), changed: count('changed'), same: count('same') },
        left: lines - changes.length,
      }
    },
  }
}
