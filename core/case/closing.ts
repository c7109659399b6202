import { SharpEyesError } from '../errors.ts'
import type { EpochMs } from '../units.ts'
import type { Recheck } from './recheck.ts'
import type { CaseFacts } from './state.ts'

/** A picture uploaded to the case: who brought these bytes first, and when. */
export interface AttachmentFacts {
  readonly by: string
  readonly at: EpochMs
}

/** What a passed verification rests on. */
export type VerifyBasis = 'photo' | 'recheck'

/**
 * A verification passes on something newer than the department's report: a picture that the verifier took to the case
 * after it, or a machine re-check that has seen nothing since. Throws `invalid`, which names what is missing.
 */
export function verifyBasis(
  facts: Pick<CaseFacts, 'no' | 'reportedAt'>,
  given: readonly string[],
  {
    by,
    attachments,
    recheck,
  }: {
    readonly by: string
    readonly attachments: ReadonlyMap<string, AttachmentFacts>
    readonly recheck: Recheck | null
  },
): VerifyBasis {
  const reportedAt = facts.reportedAt ?? 0
  const isNewer = (id: string) => {
    const file = attachments.get(id)
    return file !== undefined && file.by === by && file.at > reportedAt
  }
  if (given.some(isNewer)) return 'photo'
  if (recheck?.result === 'not_seen') return 'recheck'
  const unticked = [...attachments.keys()].some(isNewer)
  throw new SharpEyesError(
    'invalid',
    `verify of case ${facts.no}: passing needs a photo that ${by} uploaded after the report of ${new Date(reportedAt).toISOString()}${
      unticked ? ' (there is one: name it in "attachments")' : ''
    }, or a machine re-check that has seen nothing since (${recheck?.result ?? 'none'}); upload a photo and name it in "attachments"`,
    {
      details: {
        why: unticked ? 'photo_unticked' : 'photo_needed',
        missing: 'evidence',
        reportedAt: new Date(reportedAt).toISOString(),
        recheck: recheck?.result ?? 'none',
        unticked,
      },
    },
  )
}

/** A second extension is not for the shift to grant: it needs the stamped application, as a picture. */
export function checkExtension(
  facts: Pick<CaseFacts, 'no' | 'extensionCount'>,
  given: readonly string[],
): void {
  if (facts.extensionCount === 0 || given.length > 0) return
  throw new SharpEyesError(
    'invalid',
    `extend of case ${facts.no}: it was extended ${facts.extensionCount} times; a further extension needs the stamped application in "attachments"`,
    { details: { why: 'application_needed', missing: 'application', extensionCount: facts.extensionCount } },
  )
}
