/** One key (or two in a row) of a page. The same table binds the keys and makes the help, so that help never lies. */
export interface KeyBinding {
  /** `KeyboardEvent.code`: physical keys work under any layout and with an input method switched on. */
  readonly codes: readonly [string] | readonly [string, string]
  readonly shift?: boolean
  readonly ctrl?: boolean
  /** As written in the help, for example `j` or `g a`. */
  readonly shown: string
  /** Key of the dictionary: what it does. */
  readonly words: string
  /** Held down it repeats: right for moving, wrong for a verdict. */
  readonly repeats?: boolean
  /** Why it does nothing now; absent: it works. */
  readonly enabled?: boolean
  readonly run: () => void
}

/** The keys of one part of a page. */
export interface KeyTable {
  /** Key of the dictionary. */
  readonly title: string
  readonly bindings: readonly KeyBinding[]
  /** A dialog or a question: while it is on screen no key reaches what lies below. */
  readonly exclusive: boolean
}

/** What of a KeyboardEvent decides. */
export interface KeyPress {
  readonly code: string
  readonly shift: boolean
  readonly ctrl: boolean
  readonly alt: boolean
  readonly meta: boolean
  readonly repeat: boolean
  /** An input method is composing. */
  readonly composing: boolean
  /** The target takes text: input, textarea, select, contenteditable. */
  readonly editable: boolean
  /** The target has keys of its own: a button, a link, a radio, a menu. Enter, Space and arrows stay with it. */
  readonly control: boolean
}

export interface KeyMatch {
  readonly binding: KeyBinding | null
  /** First key of a pair that now waits for its second. */
  readonly prefix: string | null
}

const NOTHING: KeyMatch = { binding: null, prefix: null }
const CONTROL_KEYS = /^(Enter|NumpadEnter|Space|Arrow|Home|End)/
const MODIFIERS = /^(Shift|Control|Alt|Meta|CapsLock)/

/** What a key press means. `prefix` is the first key of a pair that was pressed before and has not expired. */
export function matchKey(table: readonly KeyBinding[], press: KeyPress, prefix: string | null): KeyMatch {
  if (press.editable || press.composing || press.alt || press.meta) return NOTHING
  if (press.control && CONTROL_KEYS.test(press.code)) return NOTHING
  if (MODIFIERS.test(press.code)) return { binding: null, prefix }
  const fits = (binding: KeyBinding) =>
    binding.enabled !== false &&
    (binding.shift ?? false) === press.shift &&
    (binding.ctrl ?? false) === press.ctrl &&
    (binding.repeats === true || !press.repeat)
  if (prefix !== null) {
    const pair = table.find((b) => b.codes[0] === prefix && b.codes[1] === press.code && fits(b))
    return { binding: pair ?? null, prefix: null }
  }
  const single = table.find((b) => b.codes.length === 1 && b.codes[0] === press.code && fits(b))
  if (single) return { binding: single, prefix: null }
  const opens = table.some((b) => b.codes.length === 2 && b.codes[0] === press.code && fits(b))
  return opens ? { binding: null, prefix: press.code } : NOTHING
}
