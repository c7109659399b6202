/** A failure of something that has no place of its own on the page. */
export interface Fault {
  /** What failed, in words. */
  readonly what: string
  readonly error: unknown
}

let fault: Fault | null = null
const listeners = new Set<() => void>()

/** The newest one; it stays until it was read. */
export const lastFault = {
  get: (): Fault | null => fault,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

export function showFault(next: Fault | null): void {
  fault = next
  for (const each of listeners) each()
}
