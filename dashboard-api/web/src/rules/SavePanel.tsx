import { Alert, Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { DifferenceList } from './DifferenceList.tsx'
import { differences } from './diff.ts'
import type { SetFault } from './faults.ts'
import type { RuleSet } from './model.ts'
import { ReasonForm } from './ReasonForm.tsx'

interface Props {
  readonly set: RuleSet
  /** What is in force now. */
  readonly current: RuleSet
  /** What the draft was made from, where that is no longer in force. */
  readonly stale: RuleSet | null
  readonly faults: readonly SetFault[]
  readonly busy: boolean
  readonly offline: boolean
  /** Null: the camera is in the city file. */
  readonly onSave: ((reason: string) => Promise<boolean>) | null
  readonly onDiscard: () => void
  readonly onKeepMine: () => void
}

/** What would change, whether it can, and why it is done. */
export function SavePanel(props: Props) {
  const { set, current, stale, faults, busy, offline, onSave, onDiscard, onKeepMine } = props
  const { t } = useTranslation()
  const mine = differences(current, set)
  if (mine.length === 0 && !stale) return <p className="caption">{t('ruleDesk.nothingChanged')}</p>
  return (
    <section className="panel" aria-label={t('ruleDesk.changes')}>
      {stale ? (
        <>
          <Alert
            type="warning"
            showIcon
            role="alert"
            title={t('ruleDesk.conflict')}
            description={t('ruleDesk.conflictWhat')}
          />
          <div className="side-by-side">
            <div>
              <h3>{t('ruleDesk.theirs')}</h3>
              <DifferenceList differences={differences(stale, current)} />
            </div>
            <div>
              <h3>{t('ruleDesk.mine')}</h3>
              <DifferenceList differences={differences(stale, set)} />
            </div>
          </div>
          <div className="action-row">
            <Button onClick={onKeepMine}>{t('ruleDesk.keepMine')}</Button>
            <Button onClick={onDiscard}>{t('ruleDesk.takeTheirs')}</Button>
          </div>
        </>
      ) : (
        <>
          <h3>{t('ruleDesk.changes')}</h3>
          <DifferenceList differences={mine} />
          <p className="rule-hint">{t('ruleDesk.atOnce')}</p>
          {faults.length > 0 ? (
            <p className="failed" role="status">
              {t('ruleDesk.faults', { n: faults.length })}
            </p>
          ) : null}
          {onSave ? (
            <ReasonForm
              primary
              words={t('ruleDesk.save')}
              busy={busy}
              disabled={faults.length > 0 || offline}
              onSend={onSave}
            />
          ) : null}
          <Button onClick={onDiscard}>{t('ruleDesk.discard')}</Button>
        </>
      )}
    </section>
  )
}
