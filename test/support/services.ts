import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * For `describe.skipIf(missingService(...))`. In CI a missing service is a failure, elsewhere the tests are skipped
 * and the reason is printed.
 */
export function missingService(name: string, present: boolean): boolean {
  if (present) return false
  const reason = `${name} is missing`
  if (process.env.CI) throw new Error(`${reason}: in CI every service test must run`)
  process.stderr.write(`skipped: ${reason}\n`)
  return true
}

export function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
