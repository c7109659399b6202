import { type PhotoFacts, photoFactsSchema } from '../../core/api/field.ts'
import { invalidBy } from '../../core/api/invalid.ts'
import type { NewAttachment } from '../../core/ports/commands.ts'

/** The facts of a picture from the fields of a form, which are texts: `phase`, `capturedAt`, `lon` and `lat`. Throws `invalid`. */
export function photoFactsOf(fields: Readonly<Record<string, unknown>>): PhotoFacts {
  const { lon, lat, phase, capturedAt } = fields
  const said = (value: unknown) => (value === undefined || value === '' ? null : value)
  const place = said(lon) === null && said(lat) === null ? null : { lon: Number(lon), lat: Number(lat) }
  const parsed = photoFactsSchema.safeParse({ phase: said(phase), capturedAt: said(capturedAt), place })
  if (parsed.success) return parsed.data
  throw invalidBy(parsed.error)
}

export const toAttachment = (
  file: Pick<NewAttachment, 'sha256' | 'bytes' | 'mediaType' | 'name'>,
  { phase, capturedAt, place }: PhotoFacts,
): NewAttachment => ({
  ...file,
  phase,
  place,
  capturedAt: capturedAt === null ? null : Date.parse(capturedAt),
})
