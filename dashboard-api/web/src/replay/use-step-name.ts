import { useTranslation } from 'react-i18next'
import { useTypeName } from '../words/names.ts'
import type { Step } from './story.ts'

/** What a step is called. A word that this build does not know (a newer server) is shown as it is. */
export function useStepName(): (step: Step) => string {
  const { t, i18n } = useTranslation()
  const typeName = useTypeName()
  const known = (key: string, word: string): string => (i18n.exists(key) ? t(key) : word)
  return (step) => {
    switch (step.what) {
      case 'event':
        return `${typeName(step.type)} ${known(`replay.event.${step.kind}`, step.kind)}`
      case 'alert':
        return known(`replay.alert.${step.step}`, step.step)
      case 'case':
        return known(`log.${step.kind}`, step.kind)
      case 'notification': {
        const word = step.kind === 'queued' ? 'queued' : (step.outcome ?? 'unknown')
        return known(`replay.notice.${word}`, word)
      }
    }
  }
}
