import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { CASE_STATES, type CaseState } from '../../../../core/case/words.ts'
import { quantity } from '../alerts/cause.ts'
import type { AlertDetail, CaseDetail } from '../api/types.ts'
import { LogFacts } from '../cases/LogFacts.tsx'
import { actorName } from '../parts/actor-name.ts'
import { ReasonText } from '../parts/ReasonText.tsx'
import { SeverityChip } from '../parts/SeverityChip.tsx'
import { ToldText } from '../parts/ToldText.tsx'
import { useChannelName } from '../parts/told.ts'
import { useDepartmentName } from '../parts/use-department-name.ts'
import { Moment } from '../time/Moment.tsx'
import { useLanguage } from '../words/language.ts'
import { useStateName } from '../words/names.ts'
import { MomentPictures } from './MomentPictures.tsx'
import type { Step, World } from './story.ts'
import { useStepName } from './use-step-name.ts'

interface Props {
  readonly step: Step
  readonly world: World
  /** Null: not read yet. */
  readonly detail: CaseDetail | null
  readonly alert: AlertDetail | null
}

/** One step: what happened and who did it, and what was known, seen and told by then. */
export function WorldView({ step, world, detail, alert }: Props) {
  const { t, i18n } = useTranslation()
  const stateName = useStateName()
  const stepName = useStepName()
  const departmentName = useDepartmentName()
  const channelName = useChannelName()
  const language = useLanguage()
  const known = (key: string, word: string) => (i18n.exists(key) ? t(key) : word)
  const isState = (state: string): state is CaseState => (CASE_STATES as readonly string[]).includes(state)
  const severity = world.severity
  const numbers = Object.entries(world.measured)
  return (
    <div className="replay-world">
      <section>
        <h2>{stepName(step)}</h2>
        <p className="caption">
          {actorOf(t, step)} · <Moment at={step.at} full />
        </p>
        {'reason' in step && step.reason ? (
          <p className="log-reason break">
            <ReasonText reason={step.reason} of={step.what === 'case' ? step.actorKind : 'person'} />
          </p>
        ) : null}
        {step.what === 'case' ? <LogFacts entry={{ ...step, actorKind: step.actorKind }} /> : null}
        {step.what === 'notification' ? (
          <div className="break">
            {departmentName(step.department)} · {channelName(step.channel)} · {step.recipient}
            {step.error ? (
              <div className="failed">
                <NotSent code={step.code} error={step.error} />
              </div>
            ) : null}
          </div>
        ) : null}
      </section>
      <section>
        <h2>{t('replay.moment')}</h2>
        <dl className="pairs">
          <dt>{t('replay.caseState')}</dt>
          <dd>
            {world.caseState === null
              ? t('replay.notFiled')
              : isState(world.caseState)
                ? stateName(world.caseState)
                : world.caseState}{' '}
            {severity === 1 || severity === 2 || severity === 3 || severity === 4 ? (
              <SeverityChip severity={severity} />
            ) : null}
          </dd>
          <dt>{t('replay.alertState')}</dt>
          <dd>{world.alertState ? known(`alertState.${world.alertState}`, world.alertState) : '—'}</dd>
          <dt>{t('replay.verdict')}</dt>
          <dd>{t(`verdict.${world.verdict === null ? 'none' : world.verdict}`)}</dd>
          <dt>{t('replay.lead')}</dt>
          <dd>{world.lead === null ? '—' : departmentName(world.lead)}</dd>
        </dl>
      </section>
      <section>
        <h2>{t('replay.known')}</h2>
        {numbers.length === 0 ? <p className="caption">{t('replay.nothingKnown')}</p> : null}
        <dl className="pairs">
          {numbers.map(([name, value]) => (
            <Pair
              key={name}
              name={known(`quantity.${name}`, name)}
              text={quantity(name, value, language)}
              limit={
                world.thresholds[name] === undefined
                  ? null
                  : `${t('cause.threshold', { name: '' }).trim()} ${quantity(name, world.thresholds[name], language)}`
              }
            />
          ))}
        </dl>
      </section>
      <section>
        <h2>{t('replay.pictures')}</h2>
        <MomentPictures at={step.at} uploaded={world.uploaded} detail={detail} alert={alert} />
      </section>
      <section>
        <h2>{t('replay.told')}</h2>
        {world.told.length === 0 ? <p className="caption">{t('replay.noneTold')}</p> : null}
        <ul className="notifications">
          {world.told.map((told) => (
            <li key={told.id}>
              <div>
                <strong>{departmentName(told.department)}</strong> · {channelName(told.channel)}
              </div>
              <div className={told.outcome === 'failed' ? 'failed' : 'caption'}>
                {known(`replay.notice.${told.outcome}`, told.outcome)} <Moment at={told.at} />
                {told.error ? <NotSent code={told.code} error={told.error} /> : null}
              </div>
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

const NotSent = ({ code, error }: { readonly code: string | null; readonly error: string }) => (
  <ToldText area="told.notification" told={code === null ? null : { code, facts: {} }} text={error} />
)

function Pair({
  name,
  text,
  limit,
}: {
  readonly name: string
  readonly text: string
  readonly limit: string | null
}) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="num">
        {text} {limit ? <span className="caption">{limit}</span> : null}
      </dd>
    </>
  )
}

/** Events and notifications are the machine's. */
function actorOf(t: TFunction, step: Step): string {
  if (step.what === 'alert') return actorName(t, step.actor, 'person')
  return step.what === 'case' ? actorName(t, step.actor, step.actorKind) : actorName(t, null, 'machine')
}
