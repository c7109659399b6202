import { useEffect, useState } from 'react'

export interface Here {
  /** WGS-84; never leaves the page. */
  readonly point: { readonly lon: number; readonly lat: number } | null
  /** Asks for the place; null: it is known, or this browser has none. */
  readonly ask: (() => void) | null
  readonly refused: boolean
}

/** Where the phone is, only after it was asked for. It stays in this page's memory: for distances and nothing else. */
export function useHere(): Here {
  const [point, setPoint] = useState<Here['point']>(null)
  const [asked, setAsked] = useState(false)
  const [refused, setRefused] = useState(false)
  const can = isSecureContext && 'geolocation' in navigator
  useEffect(() => {
    if (!can) return
    // Allowed before: no question comes up.
    navigator.permissions?.query({ name: 'geolocation' }).then(
      ({ state }) => state === 'granted' && setAsked(true),
      () => undefined, // a browser that cannot say asks by the button
    )
  }, [can])
  useEffect(() => {
    if (!asked || !can) return
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        setRefused(false)
        setPoint({ lon: coords.longitude, lat: coords.latitude })
      },
      () => setRefused(true),
      { maximumAge: 30_000 },
    )
    return () => navigator.geolocation.clearWatch(watch)
  }, [asked, can])
  return { point, refused, ask: can && !asked ? () => setAsked(true) : null }
}
