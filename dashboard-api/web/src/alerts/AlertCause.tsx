import { useTranslation } from 'react-i18next'
import { factorName } from '../../../../core/sensors/factors.ts'
import type { AlertDetail } from '../api/types.ts'
import { Moment } from '../time/Moment.tsx'
import { useLabel, useLanguage } from '../words/language.ts'
import { useTypeName } from '../words/names.ts'
import { causeSentence, quantity, sensorQuantity, sensorSentence } from './cause.ts'

/** Why, in one sentence first; every number, threshold and name behind it folded below. */
export function AlertCause({ alert }: { readonly alert: AlertDetail }) {
  const { t, i18n } = useTranslation()
  const typeName = useTypeName()
  const language = useLanguage()
  const label = useLabel()
  const { cause } = alert
  const bySensor = cause.source.kind === 'sensor'
  const measured = alert.sensor && { factor: label(factorName(alert.sensor.factor)), unit: alert.sensor.unit }
  const words = { t, exists: i18n.exists.bind(i18n), language, typeName }
  const number = (name: string, value: number) =>
    bySensor ? sensorQuantity(name, value, measured?.unit, language) : quantity(name, value, language)
  const named = (name: string) => (i18n.exists(`quantity.${name}`) ? t(`quantity.${name}`) : name)
  return (
    <section>
      <h2>{t('cause.title')}</h2>
      <p className="cause">
        {bySensor ? sensorSentence(cause, measured, words) : causeSentence(cause, words)}
      </p>
      <details>
        <summary>{t('cause.numbers')}</summary>
        <dl className="pairs">
          <dt>{t('cause.rule')}</dt>
          <dd>
            {cause.rule.id}@{cause.rule.version}
          </dd>
          {alert.sensor ? (
            <>
              <dt>{t('cause.factor')}</dt>
              <dd>
                {measured?.factor} <span className="caption">{alert.sensor.factor}</span>
              </dd>
            </>
          ) : null}
          {bySensor ? null : <SeenBy cause={cause} />}
          {Object.entries(cause.measured).map(([name, value]) => (
            <Pair
              key={`m-${name}`}
              name={t('cause.measured', { name: named(name) })}
              value={number(name, value)}
            />
          ))}
          {Object.entries(cause.thresholds).map(([name, value]) => (
            <Pair
              key={`t-${name}`}
              name={t('cause.threshold', { name: named(name) })}
              value={number(name, value)}
            />
          ))}
          {bySensor ? null : (
            <>
              <dt>{t('cause.detections')}</dt>
              <dd>
                {cause.detections.length === 0
                  ? '—'
                  : cause.detections.map((each) => `${each.label} ${each.score.toFixed(2)}`).join(', ')}
              </dd>
            </>
          )}
          <dt>{t('cause.startedAt')}</dt>
          <dd>
            <Moment at={alert.startedAt} full />
          </dd>
          <dt>{t('cause.lastSeenAt')}</dt>
          <dd>
            <Moment at={alert.lastSeenAt} full />
          </dd>
          <dt>{t('cause.clock')}</dt>
          <dd>
            {t('cause.clockText', {
              kind: t(`clock.${cause.clock.kind}`),
              error: quantity('errorMs', cause.clock.errorMs, language),
            })}
          </dd>
          <dt>{t('cause.event')}</dt>
          <dd className="break num">{cause.id}</dd>
        </dl>
      </details>
    </section>
  )
}

/** Where in the picture, by which model, how sure: a sensor has none of it. */
function SeenBy({ cause }: { readonly cause: AlertDetail['cause'] }) {
  const { t } = useTranslation()
  return (
    <>
      <dt>{t('cause.zone')}</dt>
      <dd>{cause.zone ?? t('cause.wholePicture')}</dd>
      <dt>{t('cause.model')}</dt>
      <dd className="break" title={cause.model?.sha256}>
        {cause.model
          ? `${cause.model.id} (${cause.model.family}) · sha256 ${cause.model.sha256.slice(0, 16)}…`
          : t('cause.noModel')}
      </dd>
      <dt>{t('cause.score')}</dt>
      <dd className="num">
        {t('cause.scores', { latest: cause.score.toFixed(2), peak: cause.peakScore.toFixed(2) })}
      </dd>
    </>
  )
}

const Pair = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <>
    <dt>{name}</dt>
    <dd className="num">{value}</dd>
  </>
)
