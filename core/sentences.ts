import type { Told } from './told.ts'

/** Sentences of the program, written by a code and the facts that they name, and read back: pages say the same in the reader's language. */
interface Sentences<Code extends string> {
  write(code: Code, facts?: Told['facts']): string
  /** Null: other words. A fact is cut at 200 characters. */
  read(text: string | null): Told | null
}

/** What a fact of this name looks like: words of people that happen to begin alike are not read. */
const MOMENT = '[0-9TZ:.+-]+'
const FORMS: Readonly<Record<string, string>> = { at: MOMENT, from: MOMENT, to: MOMENT, id: '[\\w-]+' }
const formOf = (name: string): string => `(?<${name}>${FORMS[name] ?? '[^;]+?'})`

/** `table`: code → English, `{name}` is a fact. `after`: pattern of what may stand in front; by default nothing may. */
export function createSentences<Code extends string>(
  table: Readonly<Record<Code, string>>,
  after = '^',
): Sentences<Code> {
  const patterns = Object.entries<string>(table).map(([code, text]) => {
    const plain = text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&')
    return {
      code,
      pattern: new RegExp(`${after}${plain.replaceAll(/\{(\w+)\}/g, (_, name: string) => formOf(name))}$`),
    }
  })
  return {
    write: (code, facts = {}) =>
      table[code].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '?')),
    read(text) {
      if (text === null) return null
      for (const { code, pattern } of patterns) {
        const found = pattern.exec(text)
        if (!found) continue
        const facts = Object.entries(found.groups ?? {}).map(([name, value]) => [name, value.slice(0, 200)])
        return { code, facts: Object.fromEntries(facts) }
      }
      return null
    },
  }
}
