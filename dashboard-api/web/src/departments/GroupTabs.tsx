import { useTranslation } from 'react-i18next'
import type { CaseCounts } from '../../../../core/api/case-lists.ts'
import { CASE_GROUPS, type CaseGroup } from '../../../../core/case/groups.ts'

interface Props {
  readonly group: CaseGroup | null
  /** Absent: not counted yet. */
  readonly counts: CaseCounts | undefined
  readonly onChoose: (group: CaseGroup | null) => void
}

/** All open cases, or those that wait for one thing, each with how many they are. */
export function GroupTabs({ group, counts, onChoose }: Props) {
  const { t } = useTranslation()
  const alarm = (each: CaseGroup) =>
    (each === 'overdue' || each === 'soon') && (counts?.[each] ?? 0) > 0 ? each : undefined
  return (
    <div className="groups">
      <button type="button" aria-pressed={group === null} onClick={() => onChoose(null)}>
        {t('caseGroups.all')} <span className="num">{counts?.open ?? '–'}</span>
      </button>
      {CASE_GROUPS.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={group === each}
          data-alarm={alarm(each)}
          onClick={() => onChoose(group === each ? null : each)}
        >
          {t(`caseGroups.${each}`)} <span className="num">{counts?.[each] ?? '–'}</span>
        </button>
      ))}
    </div>
  )
}
