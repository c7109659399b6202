import { v4 as uuid } from 'uuid'
import type { CaseItem } from '../../api/types.ts'
import { tellChanged } from './changed.ts'
import { fieldDatabase } from './database.ts'
import type { Phase, Photo, Work, WorkKind } from './types.ts'

/** Everything of a person on this phone, oldest first. */
export async function readWork(person: string): Promise<readonly Work[]> {
  const all = await (await fieldDatabase()).getAllFromIndex('work', 'person', person)
  return all.toSorted((a, b) => a.changedAt - b.changedAt)
}

export const getWork = async (id: string): Promise<Work | undefined> =>
  (await fieldDatabase()).get('work', id)

export async function readPhotos(work: string): Promise<readonly Photo[]> {
  return (await fieldDatabase()).getAllFromIndex('photos', 'work', work)
}

/** The draft of a task, made when there is none. It is stored when this resolves: before anything is typed or taken. */
export async function openDraft(person: string, item: CaseItem, kind: WorkKind): Promise<Work> {
  const database = await fieldDatabase()
  const tx = database.transaction('work', 'readwrite')
  const mine = await tx.store.index('person').getAll(person)
  const found = mine.find((work) => work.no === item.no && work.kind === kind && work.state === 'draft')
  const { type, severity, place, cameraName } = item
  const draft: Work = found
    ? { ...found, version: item.version }
    : {
        ...{ id: uuid(), person, no: item.no, kind, version: item.version, note: '', passed: null },
        matter: { type, severity, place, cameraName },
        ...{ state: 'draft', asRemark: false, capturing: null, problem: null, tries: 0, nextAt: 0 },
        changedAt: Date.now(),
      }
  await tx.store.put(draft)
  await tx.done
  tellChanged()
  return draft
}

/** Changes what is there; undefined: it is gone. One transaction, so that two tabs do not undo each other. */
export async function changeWork(id: string, part: Partial<Work>): Promise<Work | undefined> {
  const tx = (await fieldDatabase()).transaction('work', 'readwrite')
  const work = await tx.store.get(id)
  const next = work && { ...work, ...part }
  if (next) await tx.store.put(next)
  await tx.done
  tellChanged()
  return next
}

/** A new key, because another content is another request; its pictures go with it. */
export async function renewWork(id: string, part: Partial<Work>): Promise<Work | undefined> {
  const tx = (await fieldDatabase()).transaction(['work', 'photos'], 'readwrite')
  const work = await tx.objectStore('work').get(id)
  if (!work) return undefined
  const next: Work = {
    ...work,
    problem: null,
    tries: 0,
    nextAt: 0,
    ...part,
    id: uuid(),
    changedAt: Date.now(),
  }
  await tx.objectStore('work').delete(id)
  await tx.objectStore('work').put(next)
  for (const photo of await tx.objectStore('photos').index('work').getAll(id)) {
    await tx.objectStore('photos').put({ ...photo, work: next.id })
  }
  await tx.done
  tellChanged()
  return next
}

export async function dropWork(id: string): Promise<void> {
  const tx = (await fieldDatabase()).transaction(['work', 'photos'], 'readwrite')
  await tx.objectStore('work').delete(id)
  for (const key of await tx.objectStore('photos').index('work').getAllKeys(id)) {
    await tx.objectStore('photos').delete(key)
  }
  await tx.done
  tellChanged()
}

export async function addPhoto(
  work: string,
  phase: Phase,
  picture: Pick<Photo, 'name' | 'blob' | 'takenAt' | 'place'>,
): Promise<void> {
  const photo: Photo = {
    ...{ id: uuid(), work, phase, ...picture },
    ...{ upload: null, uploaded: false, onePiece: false, attachment: null },
  }
  await (await fieldDatabase()).put('photos', photo)
  tellChanged()
}

export async function changePhoto(id: string, part: Partial<Photo>): Promise<void> {
  const tx = (await fieldDatabase()).transaction('photos', 'readwrite')
  const photo = await tx.store.get(id)
  if (photo) await tx.store.put({ ...photo, ...part })
  await tx.done
}

export async function dropPhoto(id: string): Promise<void> {
  await (await fieldDatabase()).delete('photos', id)
  tellChanged()
}
