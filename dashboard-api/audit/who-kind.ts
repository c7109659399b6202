import { type ActorKind, MACHINE_ACTORS } from '../../core/actor.ts'
import { versionActorKind } from '../../core/config/author.ts'

/** What a row of the change log says about its author. */
export interface AuthorFacts {
  readonly topic: string
  readonly who: string | null
  readonly reason: string | null
  /** Of the row, or, where it is older, of the case's log. */
  readonly actorKind: 'person' | 'machine' | null
  readonly managedBy: string | null
  readonly change: string | null
}

/** By whom an entry is, of what every release has written; the name alone would not say it. */
export function whoKind({ topic, who, reason, actorKind, managedBy, change }: AuthorFacts): ActorKind {
  if (who === null) return 'machine'
  switch (topic) {
    case 'config':
      return versionActorKind({ actor: who, reason, fromFile: managedBy === 'file' && change !== 'handed' })
    case 'case':
      return actorKind ?? ((MACHINE_ACTORS as readonly string[]).includes(who) ? 'machine' : 'person')
    // The retention of the log is its only writer.
    case 'audit':
      return 'machine'
    default:
      return 'person'
  }
}
