import type { TFunction } from 'i18next'
import { describe, expect, it } from 'vitest'
import { maskText } from '../../../dashboard-api/web/src/alerts/mask-text.ts'

const key = ((name: string) => name) as unknown as TFunction

describe('what is said of a picture’s masking', () => {
  it.each([
    ['none@1', 'picture.unmasked'],
    ['none@1:copy', 'picture.unmasked'],
    ['frame@1', 'picture.maskedFrame'],
    ['heads@1:frame,no-detector', 'picture.maskedFrame'],
    ['heads@1:upper-third-of-persons', 'picture.maskedHeads'],
    ['heads@1:heads', 'picture.maskedHeads'],
    ['unheard-of@2', 'picture.masked'],
  ])('%s', (method, words) => expect(maskText(method, key)).toBe(words))
})
