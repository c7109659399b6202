import { join, resolve } from 'node:path'
import type { Language, Matters } from '../e2e/desks/desk-city.ts'
import { DESKS, type Desk } from '../e2e/desks/desks.ts'

export const GUIDE = resolve(import.meta.dirname, '../../docs/guide')
export const PICTURES = join(GUIDE, 'pictures')

/** Of one picture, and of all together, as they lie in the repository. */
export const MOST_BYTES = 120_000
export const MOST_BYTES_ALL = 4_000_000

/** Desks that another desk's picture shows already, by the name of that desk. */
export const SHOWN_BY: Readonly<Record<string, string>> = {
  'zones and rules, to read': 'zones and rules',
  'no such page': 'log-in',
}

/** Languages of the guide by their folder. */
export const LANGUAGES = { zh: 'zh-CN', en: 'en' } as const satisfies Record<string, Language>
export type GuideLanguage = keyof typeof LANGUAGES

/** The accounts of the sample city that work at the desks of these roles. */
export const ACCOUNTS: Readonly<Record<string, string>> = {
  operator: 'operator',
  admin: 'operator',
  officer: 'urban.duty',
  verifier: 'grid.worker',
  investigator: 'auditor',
  auditor: 'auditor',
}

/** The camera of the desks' tests and the one of the sample city. */
const CAMERA = ['works-chimney', 'sample-works'] as const

export interface Picture {
  readonly desk: Desk
  /** Without folder: `zh/NAME` and `en/NAME` lie in `PICTURES`. */
  readonly file: string
  readonly phone: boolean
}

const NO_MATTERS: Matters = { alert: 'alert', no: 'no', waiting: 'waiting' }
const fileOf = (desk: Desk): string => `${desk.name.replaceAll(/[^a-z0-9]+/g, '-')}.png`

/** One picture of each desk that no other one shows: a new desk has its picture without a line here. */
export const GUIDE_PICTURES: readonly Picture[] = DESKS.filter(({ name }) => !(name in SHOWN_BY)).map(
  (desk) => ({ desk, file: fileOf(desk), phone: desk.path(NO_MATTERS).startsWith('/field') }),
)

/** The picture's address in the sample city. */
export const addressOf = (desk: Desk, matters: Matters): string => desk.path(matters).replaceAll(...CAMERA)
