/**
 * Checkpoints one after the other in an append-only text: each note, then an empty line. A note that was cut off by a
 * crash is passed over and counted: the next one begins after an empty line of its own.
 */
export interface NotesFile {
  readonly notes: readonly string[]
  /** Pieces that are no whole note. */
  readonly damaged: number
}

/** What `append` adds to a file that ends with `tail` (its last characters; '' of an empty one). */
export const noteEntry = (note: string, tail: string): string =>
  `${tail === '' || tail.endsWith('\n\n') ? '' : '\n\n'}${note}\n`

export function readNotes(text: string): NotesFile {
  const notes: string[] = []
  let damaged = 0
  let body: string | null = null
  for (const part of text.split(/\n{2,}/).filter((piece) => piece.trim() !== '')) {
    if (part.startsWith('— ')) {
      // Signatures belong to the body right before them; a line feed ended each of them.
      if (body === null) damaged += 1
      else notes.push(`${body}\n\n${part.replace(/\n$/, '')}\n`)
      body = null
    } else {
      if (body !== null) damaged += 1
      body = part.replace(/^\n+/, '')
    }
  }
  return { notes, damaged: damaged + (body === null ? 0 : 1) }
}
