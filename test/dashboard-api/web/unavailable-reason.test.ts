import type { TFunction } from 'i18next'
import { describe, expect, it } from 'vitest'
import { noSightText } from '../../../core/unavailable.ts'
import { unavailableReason } from '../../../dashboard-api/web/src/cameras/unavailable-reason.ts'

/** The key, with what its words name. */
const t = ((key: string, values: object = {}) =>
  [key, ...Object.values(values)].join('|')) as unknown as TFunction

describe('why a type is not watched', () => {
  it('is told by its code, the worker’s English apart from it', () => {
    const given = noSightText({ kind: 'refused', model: 'x-1', fault: 'hash', why: 'sha256 is 12' })
    expect(unavailableReason('fire', given, t)).toEqual({
      ...{ text: 'rules.modelRefusedFor|x-1|rules.modelFault.hash', english: 'sha256 is 12' },
    })
    expect(unavailableReason('fire', 'the model x-1 was refused: sha256 is 12', t)).toEqual({
      ...{ text: 'rules.modelRefused|x-1', english: 'sha256 is 12' },
    })
    expect(unavailableReason('fire', noSightText({ kind: 'failed', why: 'out of memory' }), t)).toEqual({
      ...{ text: 'rules.detectorFailed', english: 'out of memory' },
    })
  })

  it('says no English where the words have it all', () => {
    const none = noSightText({ kind: 'none' })
    expect(unavailableReason('fire', none, t)).toMatchObject({ english: null })
    expect(unavailableReason('exceedance', 'whatever', t)).toEqual({
      ...{ text: 'rules.needsSensor', english: null },
    })
  })

  it('leaves what it does not know to the worker', () => {
    expect(unavailableReason('fire', 'something newer', t)).toEqual({
      ...{ text: 'rules.otherReason', english: 'something newer' },
    })
  })
})
