import { z } from 'zod'
import type { PictureTask, PictureWork } from '../../core/ports/pictures.ts'
import { understood } from './http.ts'
import type { ControlLink } from './link.ts'

const CALL_LIMIT_MS = 15_000

const taskAnswer = z.object({
  task: z
    .looseObject({
      id: z.string(),
      kind: z.enum(['still', 'clip']),
      camera: z.looseObject({ id: z.string() }),
      from: z.number(),
      to: z.number(),
      moment: z.number(),
    })
    .nullable(),
})
const pinsAnswer = z.object({ pins: z.array(z.string()) })

/** Pictures that wait to be made by this worker. Whatever name it is called with, it acts as `link.worker`. */
export function createHttpPictureWork(link: ControlLink): PictureWork {
  const post = (path: string, json: unknown) =>
    link.call({ method: 'POST', path: `/pictures/${path}`, json, timeoutMs: CALL_LIMIT_MS })
  return {
    async next() {
      return understood(taskAnswer, await post('next', {})).task as unknown as PictureTask | null
    },
    async done(_worker, task, made) {
      await post(`${encodeURIComponent(task)}/done`, { made })
    },
    async failed(_worker, task, error, final) {
      await post(`${encodeURIComponent(task)}/failed`, { error, final })
    },
    async unneeded(_worker, pins) {
      return understood(pinsAnswer, await post('unneeded', { pins })).pins
    },
  }
}
