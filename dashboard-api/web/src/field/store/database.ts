import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { KeptPerson, KeptTasks, Photo, Work } from './types.ts'

interface FieldSchema extends DBSchema {
  work: { key: string; value: Work; indexes: { person: string } }
  photos: { key: string; value: Photo; indexes: { work: string } }
  tasks: { key: string; value: KeptTasks }
  people: { key: string; value: KeptPerson }
}
export type FieldDatabase = IDBPDatabase<FieldSchema>

let opened: Promise<FieldDatabase> | null = null

/** The phone's own database. Rejects where the browser keeps nothing (some private windows). */
export function fieldDatabase(): Promise<FieldDatabase> {
  if (typeof indexedDB === 'undefined') return Promise.reject(new Error('this browser has no IndexedDB'))
  opened ??= openDB<FieldSchema>('sharp-eyes-field', 1, {
    upgrade(database) {
      database.createObjectStore('work', { keyPath: 'id' }).createIndex('person', 'person')
      database.createObjectStore('photos', { keyPath: 'id' }).createIndex('work', 'work')
      database.createObjectStore('tasks', { keyPath: 'person' })
      database.createObjectStore('people', { keyPath: 'key' })
    },
    blocking: (_version, _newer, event) => (event.target as IDBDatabase).close(),
    terminated: () => {
      opened = null // the browser closed it; the next call opens it again
    },
  }).catch((error: unknown) => {
    opened = null
    throw error
  })
  return opened
}
