import type { Response } from 'express'
import { SharpEyesError } from '../../core/errors.ts'

/** Bounds what lies in memory for browsers that read slowly. A place is free again when the answer has left, or nobody waits for it. */
export function createGate(
  max: { readonly person: number; readonly all: number },
  report: (open: number) => void,
): { enter(name: string, response: Pick<Response, 'once'>): void } {
  const open = new Map<string, number>()
  let all = 0
  return {
    enter(name, response) {
      const mine = open.get(name) ?? 0
      if (mine >= max.person || all >= max.all)
        throw new SharpEyesError(
          'too_many_requests',
          `${mine} recordings of yours (at most ${max.person}) and ${all} of all people (at most ${max.all}) are on their way; try again`,
        )
      open.set(name, mine + 1)
      all += 1
      report(all)
      response.once('close', () => {
        const left = (open.get(name) ?? 1) - 1
        if (left > 0) open.set(name, left)
        else open.delete(name)
        all -= 1
        report(all)
      })
    },
  }
}
