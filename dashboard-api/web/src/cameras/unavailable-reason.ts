import type { TFunction } from 'i18next'
import { CATALOGUE, type HazardType, type Needs } from '../../../../core/catalogue.ts'
import { readNoSight } from '../../../../core/unavailable.ts'

interface UnavailableReason {
  /** In the reader's language. */
  readonly text: string
  /** What only the worker's own English says; null: the text has it. */
  readonly english: string | null
}

const known = (text: string): UnavailableReason => ({ text, english: null })

/** Why a type is not watched, from what it needs and what the worker tells. */
export function unavailableReason(type: string, given: string, t: TFunction): UnavailableReason {
  // A newer server may name a type that this build does not know.
  const needs: Needs | null = Object.hasOwn(CATALOGUE, type) ? CATALOGUE[type as HazardType].needs : null
  switch (needs?.kind) {
    case 'labels':
      return modelReason(needs.anyOf.join(' / '), given, t)
    case 'not_built':
      return known(t('rules.notBuilt'))
    case 'sensor':
      return known(t('rules.needsSensor'))
    default:
      return { text: t('rules.otherReason'), english: given }
  }
}

function modelReason(labels: string, given: string, t: TFunction): UnavailableReason {
  const sight = readNoSight(given)
  switch (sight?.kind) {
    case 'none':
      return known(t('rules.needsModel', { labels }))
    case 'no_class':
      return known(t('rules.noClass', { labels, model: sight.model }))
    case 'refused': {
      const { model, fault, why } = sight
      const text =
        fault === null
          ? t('rules.modelRefused', { model })
          : t('rules.modelRefusedFor', { model, why: t(`rules.modelFault.${fault}`) })
      return { text, english: why }
    }
    case 'unused':
      // The reason is the site's own, in the language in which somebody wrote it.
      return known(t('rules.classUnused', { labels: sight.labels, model: sight.model, why: sight.why }))
    case 'failed':
      return { text: t('rules.detectorFailed'), english: sight.why }
    default:
      return { text: t('rules.otherReason'), english: given }
  }
}
