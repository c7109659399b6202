import { useTranslation } from 'react-i18next'
import type { GroupVerdictAnswer } from '../../../../core/api/desk.ts'
import { EnglishText } from '../parts/ToldText.tsx'
import { useTold } from '../parts/told.ts'

/** Which of a group were not judged, by reason: a colleague was first, a case has been filed. */
export function RefusedAlerts({ items }: { readonly items: GroupVerdictAnswer['items'] }) {
  const { t } = useTranslation()
  const worded = useTold()
  if (items.length === 0) return null
  const said = new Map<string, number>()
  const english = new Set<string>()
  for (const { why, detail } of items) {
    const words = why && worded('told.refusal', why)
    if (words) said.set(words, (said.get(words) ?? 0) + 1)
    else if (detail) english.add(detail)
  }
  return (
    <div className="failed" role="alert">
      <p>{t('groups.refused', { n: items.length })}</p>
      <ul>
        {[...said].map(([why, n]) => (
          <li key={why} className="break">
            {t('groups.refusedFor', { n, why })}
          </li>
        ))}
        {[...english].map((text) => (
          <li key={text}>
            <EnglishText text={text} />
          </li>
        ))}
      </ul>
    </div>
  )
}
