import { useSyncExternalStore } from 'react'

/** Whether a media query holds now; follows its changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const list = matchMedia(query)
      list.addEventListener('change', onChange)
      return () => list.removeEventListener('change', onChange)
    },
    () => matchMedia(query).matches,
  )
}

/** Two columns fit. Below, the list and the open object are two pages. */
export const useWide = (): boolean => useMedia('(min-width: 1000px)')
