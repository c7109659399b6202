import type { KeyBinding, KeyTable } from './match.ts'

export interface KeyGroup {
  readonly title: string
  readonly bindings: readonly KeyBinding[]
}

/** Parts of one page bind their own keys under one heading. */
export function byTitle(tables: readonly KeyTable[]): readonly KeyGroup[] {
  const groups = new Map<string, readonly KeyBinding[]>()
  for (const { title, bindings } of tables) groups.set(title, [...(groups.get(title) ?? []), ...bindings])
  return [...groups]
    .map(([title, bindings]) => ({ title, bindings }))
    .filter(({ bindings }) => bindings.length > 0)
}

/** Keys that do the same stand on one line, in the order of their first one. */
export function byWords(bindings: readonly KeyBinding[]): readonly (readonly KeyBinding[])[] {
  const lines = new Map<string, readonly KeyBinding[]>()
  for (const binding of bindings) {
    const line = `${binding.words} ${binding.enabled !== false}`
    lines.set(line, [...(lines.get(line) ?? []), binding])
  }
  return [...lines.values()]
}

/** The tables that keys reach: a dialog or question hides what lies below it. The latest table comes first. */
export function reachable(tables: readonly KeyTable[]): readonly KeyTable[] {
  const exclusive = tables.findIndex((table) => table.exclusive)
  return exclusive < 0 ? tables : tables.slice(0, exclusive + 1)
}
