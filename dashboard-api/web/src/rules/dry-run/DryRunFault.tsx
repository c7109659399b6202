import { useTranslation } from 'react-i18next'
import type { DryRunItem } from '../../../../../core/api/dry-run.ts'
import { EnglishText, FoldedEnglish } from '../../parts/ToldText.tsx'
import { useTold } from '../../parts/told.ts'

/** Why a dry run did not end well, and the way out. */
export function DryRunFault({ problem }: { readonly problem: DryRunItem['problem'] }) {
  const { t, i18n } = useTranslation()
  const worded = useTold()
  const code = problem?.code ?? ''
  // What a code means here goes before what it means everywhere.
  const key = [`dryRun.problem.${code}`, `problem.${code}`].find((each) => code && i18n.exists(each))
  const said = (problem?.why && worded('dryRun.fault', problem.why)) ?? (key ? t(key) : null)
  return (
    <div className="failed break">
      {t('dryRun.failed')} {said}
      {problem?.detail ? (
        said ? (
          <FoldedEnglish text={problem.detail} />
        ) : (
          <EnglishText text={problem.detail} />
        )
      ) : null}
    </div>
  )
}
