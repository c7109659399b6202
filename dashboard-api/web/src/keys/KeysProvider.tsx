import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useStoredChoice } from '../parts/stored.ts'
import { reachable } from './key-groups.ts'
import { type KeyBinding, type KeyTable, matchKey } from './match.ts'

const PREFIX_MS = 1_500
const ON_OFF = ['on', 'off'] as const

interface Keys {
  /** Tables of what is on screen, the latest first; the first match wins. */
  readonly tables: readonly KeyTable[]
  readonly on: boolean
  /** Single keys can be switched off (WCAG 2.1.4). */
  switchKeys(on: boolean): void
  add(id: symbol, table: KeyTable): void
  remove(id: symbol): void
}

const KeysContext = createContext<Keys | null>(null)

export function useKeyTables(): Keys {
  const keys = use(KeysContext)
  if (!keys) throw new Error('this needs KeysProvider above it')
  return keys
}

const NO_TEXT = /^(button|checkbox|radio|range|file|submit|reset|color|image)$/

function takesText(target: HTMLElement): boolean {
  if (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)) return true
  if (target instanceof HTMLInputElement) return !NO_TEXT.test(target.type)
  return target.closest('[role="combobox"]') !== null
}

const CONTROLS =
  'button, a[href], input, summary, video, [role="menu"], [role="radiogroup"], [role="tablist"]'

export function KeysProvider({ children }: { readonly children: ReactNode }) {
  const [tables, setTables] = useState<ReadonlyMap<symbol, KeyTable>>(new Map())
  const [setting, choose] = useStoredChoice('keys', ON_OFF, 'on')
  const on = setting === 'on'

  const add = useCallback(
    (id: symbol, table: KeyTable) => setTables((old) => new Map(old).set(id, table)),
    [],
  )
  const remove = useCallback((id: symbol) => {
    setTables((old) => {
      const next = new Map(old)
      next.delete(id)
      return next
    })
  }, [])
  const ordered = useMemo(() => [...tables.values()].reverse(), [tables])

  const latest = useRef(ordered)
  latest.current = ordered
  useEffect(() => {
    let prefix: { readonly code: string; readonly at: number } | null = null
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const waiting = prefix && event.timeStamp - prefix.at < PREFIX_MS ? prefix.code : null
      const target = event.target instanceof HTMLElement ? event.target : null
      const match = matchKey(
        reachable(latest.current)
          .flatMap((table) => table.bindings)
          // Switched off are single keys; with Ctrl nobody presses one by accident.
          .filter((binding) => on || binding.ctrl === true),
        {
          code: event.code,
          shift: event.shiftKey,
          ctrl: event.ctrlKey,
          alt: event.altKey,
          meta: event.metaKey,
          repeat: event.repeat,
          composing: event.isComposing,
          editable: target !== null && takesText(target),
          control: target?.closest(CONTROLS) != null,
        },
        waiting,
      )
      if (match.prefix === null) prefix = null
      else if (match.prefix !== waiting) prefix = { code: match.prefix, at: event.timeStamp }
      if (!match.binding) return
      event.preventDefault()
      match.binding.run()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [on])

  const value = useMemo<Keys>(
    () => ({ tables: ordered, on, switchKeys: (next) => choose(next ? 'on' : 'off'), add, remove }),
    [ordered, on, choose, add, remove],
  )
  return <KeysContext value={value}>{children}</KeysContext>
}

/** Binds a table while the component is on screen and `active`. `title` is a key of the dictionary. */
export function useKeys(
  title: string,
  bindings: readonly KeyBinding[],
  { active = true, exclusive = false }: { readonly active?: boolean; readonly exclusive?: boolean } = {},
): void {
  const { add, remove } = useKeyTables()
  const id = useRef(Symbol(title)).current
  const current = useRef(bindings)
  current.current = bindings
  // The help shows words and state; what a key runs is always the newest closure.
  const shape = bindings.map((b) => `${b.shown}|${b.words}|${b.enabled ?? true}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the bindings, whose closures are read late
  useEffect(() => {
    if (!active) return
    const late = current.current.map((binding, index) => ({
      ...binding,
      run: () => current.current[index]?.run(),
    }))
    add(id, { title, bindings: late, exclusive })
    return () => remove(id)
  }, [title, shape, active, exclusive, add, remove])
}
