import type { ActorKind } from '../actor.ts'
import { machineReasons } from '../machine-reason.ts'

/** A version of the configuration, as far as it says who made it. */
export interface AuthoredVersion {
  readonly actor: string
  readonly reason: string | null
  /** Made out of a city file, by a start or by `apply`: people at a desk never change what the file manages. */
  readonly fromFile: boolean
}

/**
 * By whom a version is. Names say nothing here: an account may be called like the user of the server, and one of before
 * `isReservedName` like a part of the machine.
 */
export function versionActorKind({ actor, reason, fromFile }: AuthoredVersion): ActorKind {
  const start = (code: 'at_start' | 'first_login') =>
    actor === 'start' && reason === machineReasons.write(code)
  if (fromFile) return start('at_start') ? 'machine' : 'command_line'
  return start('first_login') ? 'machine' : 'person'
}
