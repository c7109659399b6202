import { userInfo } from 'node:os'

/** Name of the system's user who runs this command, for the record; a container may run under a number without a name. */
export function whoRuns(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`
  }
}
