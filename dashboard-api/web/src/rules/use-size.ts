import { type RefObject, useEffect, useState } from 'react'
import type { Size } from './snap.ts'

/** Size on screen in CSS pixels; follows its changes. */
export function useSize(element: RefObject<Element | null>): Size {
  const [size, setSize] = useState<Size>({ width: 640, height: 360 })
  useEffect(() => {
    const target = element.current
    if (!target) return
    const observer = new ResizeObserver(([entry]) => {
      const box = entry?.contentRect
      if (box && box.width > 0 && box.height > 0) setSize({ width: box.width, height: box.height })
    })
    observer.observe(target)
    return () => observer.disconnect()
  }, [element])
  return size
}
