import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/**
 * What somebody was promised, one JSON line each, written after the promise. In the page cache: it outlives kill -9 of
 * its writer. A process that dies between the promise and the line has promised more than the ledger says, never less.
 */
export function writeLedger(path: string, line: object): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`)
}

export function readLedger<T>(path: string): readonly T[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as T]
      } catch {
        return [] // the last line of a process that was killed in the middle of it
      }
    })
}

/** A worker's line: the spool has committed it. */
export interface SpooledLine {
  readonly event: string
  readonly camera: string
  readonly kind: 'start' | 'update' | 'end'
  readonly epoch: number
  readonly at: number
}

/** A device's line: its packet was answered. */
export interface AnsweredLine {
  readonly device: string
  readonly at: number
}
