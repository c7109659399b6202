import { useTranslation } from 'react-i18next'
import type { Told } from '../../../../core/told.ts'
import { useTold } from './told.ts'

interface Props {
  /** Where the dictionary has the words, the nearest first, for example `told.camera`. */
  readonly area: string | readonly string[]
  /** None: there is no code; an older server leaves it out. */
  readonly told: Told | null | undefined
  /** The same in English, as the program wrote it. */
  readonly text: string | null
}

/** What is the matter in the reader's language, the program's own words folded below; these alone where no words are known. */
export function ToldText({ area, told, text }: Props) {
  const worded = useTold()
  const words = told ? worded(area, told) : null
  if (words === null) return text ? <EnglishText text={text} /> : null
  return (
    <>
      <div className="break">{words}</div>
      {text ? <FoldedEnglish text={text} /> : null}
    </>
  )
}

/** The program's own words, folded below those in the reader's language. */
export function FoldedEnglish({ text }: { readonly text: string }) {
  const { t } = useTranslation()
  return (
    <details className="caption">
      <summary>{t('told.original')}</summary>
      <EnglishText text={text} />
    </details>
  )
}

/** Words of the program or of another one, marked as English for whoever reads the page out. */
export function EnglishText({ text }: { readonly text: string }) {
  return (
    <div lang="en" className="caption break">
      {text}
    </div>
  )
}
