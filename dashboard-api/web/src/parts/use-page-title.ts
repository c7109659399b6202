import { useEffect } from 'react'

/** Title of the browser's tab: what is open first, for there may be twelve of them. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sharp Eyes`
  }, [title])
}
