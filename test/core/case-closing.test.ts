import { describe, expect, test } from 'vitest'
import { type AttachmentFacts, checkExtension, verifyBasis } from '../../core/case/closing.ts'
import { judgeRecheck, RECHECK_SILENCE_MS, type RecheckFacts } from '../../core/case/recheck.ts'
import { CASE_NOW as REPORTED } from './case-fixture.ts'

const facts = { no: '2026-000001', reportedAt: REPORTED }
const pictures = (file: AttachmentFacts) => new Map([['a', file]])
const silence: RecheckFacts = {
  source: { kind: 'camera', id: 'c' },
  from: REPORTED,
  now: REPORTED + 2 * RECHECK_SILENCE_MS,
  watchedMs: RECHECK_SILENCE_MS,
  lastSeenAt: REPORTED - 5,
  reportedAt: REPORTED,
  again: 0,
  firing: false,
}
const codeOf = (work: () => unknown) => {
  try {
    return work()
  } catch (error) {
    return (error as { details: { missing: string } }).details
  }
}

describe('a verification passes on', () => {
  test("the verifier's own picture after the report, and on nothing older or of another person", () => {
    const own = { by: 'grid', at: REPORTED + 1 }
    const basis = (file: AttachmentFacts, given = ['a']) =>
      codeOf(() => verifyBasis(facts, given, { by: 'grid', attachments: pictures(file), recheck: null }))
    expect(basis(own)).toBe('photo')
    expect(basis({ ...own, at: REPORTED })).toMatchObject({
      missing: 'evidence',
      recheck: 'none',
      unticked: false,
    })
    expect(basis({ ...own, by: 'officer' })).toMatchObject({ missing: 'evidence' })
    expect(basis(own, [])).toMatchObject({ missing: 'evidence', unticked: true })
  })

  test('watched silence since the report, and on no other result of the machine', () => {
    const basis = (more: Partial<RecheckFacts>) =>
      codeOf(() =>
        verifyBasis(facts, [], {
          by: 'grid',
          attachments: new Map(),
          recheck: judgeRecheck({ ...silence, ...more }),
        }),
      )
    expect(basis({})).toBe('recheck')
    expect(basis({ watchedMs: RECHECK_SILENCE_MS - 1 })).toMatchObject({ recheck: 'watching' })
    expect(basis({ watchedMs: 0 })).toMatchObject({ recheck: 'not_watched' })
    expect(basis({ firing: true })).toMatchObject({ recheck: 'watching' })
    expect(basis({ firing: true, lastSeenAt: REPORTED + 5 })).toMatchObject({ recheck: 'seen' })
    expect(basis({ again: 1, watchedMs: 10 })).toMatchObject({ recheck: 'seen' })
    // Seen once more after the report, and then watched in silence for long enough.
    expect(basis({ again: 1, lastSeenAt: REPORTED + 5 })).toBe('recheck')
  })
})

test('the first extension needs a reason only, a further one the stamped application', () => {
  expect(codeOf(() => checkExtension({ no: '1', extensionCount: 0 }, []))).toBeUndefined()
  expect(codeOf(() => checkExtension({ no: '1', extensionCount: 1 }, []))).toEqual({
    why: 'application_needed',
    missing: 'application',
    extensionCount: 1,
  })
  expect(codeOf(() => checkExtension({ no: '1', extensionCount: 1 }, ['a']))).toBeUndefined()
})
