import type { Actor, ActorKind } from '../actor.ts'
import type { SchemaFault, SchemaRule } from '../api/schema-fault.ts'
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
  readonly actorKind: ActorKind
  readonly reason: string
}

/**
 * How people at a desk change the configuration. Bodies are in the form of the city file; the whole city after the change
 * must be valid by its schema, else `config_invalid` with `details.faults` [ConfigFault] and nothing is changed.
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
  /** As `check`, of many objects at once; the city is judged once. */
  checkMany(
    kind: ManyKind,
    changes: readonly Pick<ManyChange, 'id' | 'body'>[],
  ): Promise<readonly ManyFault[]>
  /**
   * As `save`, of at most 2,000 objects in one transaction: all of them or none. `config_invalid` has `details.faults`
   * [{id, path, message}]. The answer is in the given order.
   */
  saveMany(
    kind: ManyKind,
    changes: readonly ManyChange[],
    reason: string,
    actor: Actor,
  ): Promise<readonly ConfigView[]>
  /** Objects that were taken out and have not come again, the newest first. */
  removed(kind: ConfigKind): Promise<readonly RemovedConfig[]>
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
  /** The same as a rule with the values that its words name. */
  readonly rule: SchemaRule
  readonly values: SchemaFault['values']
}

/** What lists are made of. People, departments and routes are changed one by one: each is looked at for what hangs on it. */
export type ManyKind = Extract<ConfigKind, 'camera' | 'sensor'>

export interface ManyChange {
  readonly id: string
  /** The version that was seen; null: it is new. */
  readonly version: number | null
  readonly body: ConfigBody
}

export interface ManyFault extends ConfigFault {
  /** Null: the fault is in an object that is not among the changes; `path` is the whole one. */
  readonly id: string | null
}

export interface RemovedConfig {
  readonly id: string
  /** Of the removal. */
  readonly version: number
  /** As it was last; its name is shown. */
  readonly body: ConfigBody
  readonly at: EpochMs
  readonly actor: string
  readonly actorKind: ActorKind
  readonly reason: string
}
