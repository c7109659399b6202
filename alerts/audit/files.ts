import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NotesFile, noteEntry, readNotes } from '../../core/audit/notes.ts'

const MONTH = /^\d{4}-\d{2}\.txt$/

/** Every note of a folder of `YYYY-MM.txt`, oldest first. A folder that is not there has none. */
export async function readCheckpointFolder(folder: string): Promise<NotesFile> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files = await Promise.all(
    names
      .filter((name) => MONTH.test(name))
      .sort()
      .map(async (name) => readNotes(await readFile(join(folder, name), 'utf8'))),
  )
  return {
    notes: files.flatMap(({ notes }) => notes),
    damaged: files.reduce((sum, { damaged }) => sum + damaged, 0),
  }
}

/** Appends to the month's file those notes that it lacks; durable (fsync) when this resolves. */
export async function appendNotes(folder: string, month: string, notes: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${month}.txt`)
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const there = new Set(readNotes(before).notes)
  const missing = notes.filter((note) => !there.has(note))
  if (missing.length === 0) return
  const file = await open(path, 'a', 0o644)
  try {
    let tail = before.slice(-2)
    for (const note of missing) {
      const entry = noteEntry(note, tail)
      await file.appendFile(entry)
      tail = entry.slice(-2)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  // The name of a new file is durable only with its folder.
  const parent = await open(folder, 'r')
  await parent.sync().finally(() => parent.close())
}

/** The notes of one month. */
export async function readMonth(folder: string, month: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, `${month}.txt`), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return readNotes(text).notes
}
