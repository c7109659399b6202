import { readSetting, writeSetting } from '../../parts/stored.ts'
import { isZones } from '../draft.ts'
import type { RuleSet } from '../model.ts'

/** The last dry run that somebody began on a camera, kept in this browser: a page that is opened again shows what became of it. */
export interface Begun {
  readonly id: string
  /** The length of its span. */
  readonly minutes: number
  /** Of the draft that it tries (`markOf`), and the zones of that, to draw over pictures. */
  readonly mark: string
  readonly zones: RuleSet['zones']
}

const nameOf = (person: string, camera: string): string => `dry-run.${person}.${camera}`

export const readBegun = (person: string, camera: string): Begun | null =>
  parseBegun(readSetting(nameOf(person, camera)))

export const keepBegun = (person: string, camera: string, begun: Begun | null): void =>
  writeSetting(nameOf(person, camera), begun === null ? '' : JSON.stringify(begun))

/** Total: what another version has left, or somebody's hand, is none. */
export function parseBegun(text: string | null): Begun | null {
  try {
    const said: unknown = JSON.parse(text || 'null')
    if (typeof said !== 'object' || said === null) return null
    const { id, minutes, mark, zones } = said as Record<string, unknown>
    return typeof id === 'string' && Number.isInteger(minutes) && typeof mark === 'string' && isZones(zones)
      ? { id, minutes: minutes as number, mark, zones }
      : null
  } catch {
    return null
  }
}
