import { z } from 'zod'
import { CASE_CLOCKS, CASE_STATES } from '../case/words.ts'
import { cloudEvent } from './envelope.ts'
import { messagePlaceSchema } from './place.ts'

/** A change of a case with the case's state after it. Key of the record: the case number. */
export const caseMessageSchema = cloudEvent(
  'case.event.v1',
  z.object({
    changes: z
      .array(z.string().min(1))
      .min(1)
      .meta({
        description: 'Entries of the follow-up log that were written together. More words may come.',
        examples: [['file', 'dispatch'], ['accept'], ['notified']],
      }),
    actor: z.string().nullable().meta({ description: 'Account, or part of the machine, that did it.' }),
    case: z.object({
      no: z
        .string()
        .min(1)
        .meta({ examples: ['2026-000017'] }),
      state: z.enum(CASE_STATES),
      version: z.int().min(1).meta({ description: 'Number of moves since filing, which is 1.' }),
      type: z.string().min(1),
      severity: z.int().min(1).max(4),
      alertId: z.uuid().nullable().meta({ description: 'null: filed by hand.' }),
      camera: z.string().nullable(),
      purpose: z.string().nullable(),
      place: messagePlaceSchema.meta({ description: 'As known at filing.' }),
      lead: z.string().nullable().meta({ description: 'Department; null: waits to be dispatched.' }),
      assist: z.array(z.string()),
      due: z
        .object({ clock: z.enum(CASE_CLOCKS), at: z.iso.datetime() })
        .nullable()
        .meta({ description: 'The clock that runs; null: none does.' }),
      reworkCount: z.int().min(0),
      extensionCount: z.int().min(0),
      filedAt: z.iso.datetime(),
      closedAt: z.iso.datetime().nullable(),
    }),
  }),
)
