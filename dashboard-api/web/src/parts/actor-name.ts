import type { TFunction } from 'i18next'
import { type ActorKind, MACHINE_ACTORS } from '../../../../core/actor.ts'

const AUTO_FILE = 'auto-file:'
const isPart = (name: string): name is (typeof MACHINE_ACTORS)[number] =>
  (MACHINE_ACTORS as readonly string[]).includes(name)

/**
 * Who did it, in the reader's words; every page names actors by it. By `kind` and not by the name: an account may be
 * called like a part of the machine. `name` null: the machine, and nobody wrote which part.
 */
export function actorName(t: TFunction, name: string | null, kind: ActorKind): string {
  if (name === null) return t('actor.machine')
  if (kind === 'person') return name
  if (kind === 'command_line') return t('actor.commandLine', { name })
  if (isPart(name)) return t(`actor.part.${name}`)
  if (name.startsWith(AUTO_FILE)) return t('actor.autoFile', { rule: name.slice(AUTO_FILE.length) })
  return t('actor.otherPart', { name })
}
