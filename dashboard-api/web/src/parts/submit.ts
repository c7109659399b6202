import type { KeyboardEvent } from 'react'

/**
 * Ctrl+Enter sends; a bare Enter never does: with an input method it picks a candidate, and some browsers say
 * `isComposing: false` for that very Enter.
 */
export const submitOnCtrlEnter =
  (submit: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
