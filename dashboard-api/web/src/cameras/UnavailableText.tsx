import { useTranslation } from 'react-i18next'
import { FoldedEnglish } from '../parts/ToldText.tsx'
import { unavailableReason } from './unavailable-reason.ts'

interface Props {
  readonly type: string
  /** As the worker wrote it. */
  readonly given: string
  /** What goes before it on its line. */
  readonly lead?: string
}

/** Why a type is not watched, the worker's own words folded below. */
export function UnavailableText({ type, given, lead }: Props) {
  const { t } = useTranslation()
  const { text, english } = unavailableReason(type, given, t)
  return (
    <>
      <div className="break">{lead ? `${lead} · ${text}` : text}</div>
      {english ? <FoldedEnglish text={english} /> : null}
    </>
  )
}
