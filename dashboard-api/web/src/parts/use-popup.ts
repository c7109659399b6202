import { useRef, useState } from 'react'

/**
 * A button and what opens under it, where that comes in a chunk of its own: the button is there at once and keeps the
 * focus. What opens closes itself at a press elsewhere, also at one on the button, which must not open it again.
 */
export function usePopup() {
  const [open, setOpen] = useState(false)
  const wasOpen = useRef(false)
  const button = useRef<HTMLButtonElement>(null)
  return {
    open,
    button: {
      ref: button,
      'aria-expanded': open,
      onPointerDown: () => {
        wasOpen.current = open
      },
      onClick: () => {
        setOpen(!open && !wasOpen.current)
        wasOpen.current = false
      },
    },
    onOpenChange: (next: boolean) => {
      setOpen(next)
      if (!next) button.current?.focus()
    },
  }
}
