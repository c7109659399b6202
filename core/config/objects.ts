import type { Actor } from '../actor.ts'
import type { EpochMs } from '../units.ts'

/** What a site is configured of: each object is stored by itself, with its versions. */
export const CONFIG_KINDS = ['city', 'department', 'user', 'camera', 'route', 'sensor'] as const
export type ConfigKind = (typeof CONFIG_KINDS)[number]

/** Who changes it: `apply` of a city file, or people at a desk. Each changes only its own. */
export type ManagedBy = 'file' | 'desk'

/** An object in the form of the city file: durations as text (`10s`), paths absolute. */
export type ConfigBody = Readonly<Record<string, unknown>>

export interface ConfigView {
  readonly kind: ConfigKind
  readonly id: string
  readonly managedBy: ManagedBy
  readonly version: number
  /** Order among its kind; routes are matched in this order, at one place the desk's before the file's. */
  readonly position: number
  readonly body: ConfigBody
}

export interface ConfigVersion {
  readonly version: number
  /** Null: it was removed. */
  readonly body: ConfigBody | null
  readonly managedBy: ManagedBy
  readonly at: EpochMs
  readonly actor: string
  readonly reason: string
}

/**
 * How people at a desk change the configuration. Bodies are in the form of the city file; the whole city after the change
 * must be valid by its schema, else `config_invalid` with `details.faults` [{path, message}] and nothing is changed.
 * Only an admin may (`forbidden`). `version` is the one the sender saw, else `version_conflict`; an object that the file
 * manages is `state_conflict` until it is taken over. Every change is a version and a row of the change log.
 */
export interface ConfigCommands {
  list(kind: ConfigKind): Promise<readonly ConfigView[]>
  /** Newest first; empty when there never was such an object. */
  versions(kind: ConfigKind, id: string): Promise<readonly ConfigVersion[]>
  /** Adds it (`version: null`; `state_conflict` when it exists) or changes it. `position` of a route; absent: as it is, or last. */
  save(
    kind: ConfigKind,
    id: string,
    change: { version: number | null; body: ConfigBody; reason: string; position?: number },
    actor: Actor,
  ): Promise<ConfigView>
  /** The faults that `save` would answer, and nothing else. */
  check(kind: ConfigKind, id: string, body: ConfigBody): Promise<readonly ConfigFault[]>
  remove(
    kind: ConfigKind,
    id: string,
    change: { version: number; reason: string },
    actor: Actor,
  ): Promise<void>
  /** From the file to the desk, or back: the next `apply` makes it what its file says. The body stays as it is. */
  hand(
    kind: ConfigKind,
    id: string,
    change: { version: number; to: ManagedBy; reason: string },
    actor: Actor,
  ): Promise<ConfigView>
}

export interface ConfigFault {
  /** Within the object, for example `rules.0.zone`; the whole path when the fault is in another object. */
  readonly path: string
  readonly message: string
}
