import type { TFunction } from 'i18next'

/** In words for `heads@1:upper-third-of-persons`, `heads@1:frame,no-detector`, `frame@1`, `none@1`. */
export function maskText(method: string, t: TFunction): string {
  if (method.startsWith('none')) return t('picture.unmasked')
  if (method.includes('frame')) return t('picture.maskedFrame')
  if (method.startsWith('heads')) return t('picture.maskedHeads')
  return t('picture.masked', { method })
}
