import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type AdminKind, handObject, removeObject, saveObject } from '../api/admin.ts'
import type { Body } from './body.ts'

/** Changes of one object; afterwards whatever shows the configuration is read again. */
export function useConfigCommands(kind: AdminKind, id: string) {
  const client = useQueryClient()
  const onSettled = () =>
    Promise.all([['config'], ['departments']].map((queryKey) => client.invalidateQueries({ queryKey })))
  const save = useMutation({
    mutationFn: (change: { version: number | null; body: Body; reason: string; position?: number }) =>
      saveObject(kind, id, change),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (change: { version: number; reason: string }) => removeObject(kind, id, change),
    onSettled,
  })
  const hand = useMutation({
    mutationFn: (change: { version: number; to: 'file' | 'desk'; reason: string }) =>
      handObject(kind, id, change),
    onSettled,
  })
  return { save, remove, hand }
}

/** Whether it was done; what failed is in the mutation's own error, and what was typed stays. */
export const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )
