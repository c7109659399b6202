import { useState } from 'react'

const PREFIX = 'sharp-eyes.'

/** A setting of this browser. Storage may be refused (private mode): then it lives until the page is closed. */
export function readSetting(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return null
  }
}

export function writeSetting(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value)
  } catch (refused) {
    console.warn(`The setting "${name}" could not be kept in this browser.`, refused)
  }
}

/** A setting with a fixed list of values, kept in this browser. */
export function useStoredChoice<T extends string>(
  name: string,
  values: readonly T[],
  fallback: T,
): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const stored = readSetting(name)
    return values.find((each) => each === stored) ?? fallback
  })
  const choose = (next: T) => {
    writeSetting(name, next)
    setValue(next)
  }
  return [value, choose]
}
