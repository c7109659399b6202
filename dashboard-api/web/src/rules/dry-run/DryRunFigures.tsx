import { useTranslation } from 'react-i18next'
import type { DryRunItem, DryRunResult } from '../../api/dry-runs.ts'
import { useSession } from '../../session/session.ts'
import { formatFull } from '../../time/format.ts'
import { useTypeName } from '../../words/names.ts'
import { coveredShare, type RuleRow, totalsOf } from './figures.ts'
import { RecordingFacts } from './RecordingFacts.tsx'

/** Rule by rule: how many, how many before, what came, what went, or why nobody knows. */
export function DryRunFigures({
  span,
  result,
}: {
  readonly span: DryRunItem['span']
  readonly result: DryRunResult
}) {
  const { t } = useTranslation()
  const typeName = useTypeName()
  const { timezone } = useSession().city
  const totals = totalsOf(result.rules)
  const { log, away } = result
  const share = coveredShare(span, log.stretches)
  const usesLog = result.rules.some((row) => (row.candidate ?? row.inForce)?.source === 'log')
  const time = (at: string) => formatFull(Date.parse(at), timezone)
  const side = (one: RuleRow['candidate']) =>
    one === null ? t('dryRun.noRule') : one.reason ? t(`dryRun.reason.${one.reason}`) : `${one.events}`
  return (
    <>
      {totals.candidate === null && totals.inForce === null ? (
        <p className="dry-run-total">{t('dryRun.nothingJudged')}</p>
      ) : (
        <p className="dry-run-total">
          {t('dryRun.total', {
            n: totals.candidate ?? '?',
            before: totals.inForce ?? '?',
            added: totals.added,
            gone: totals.gone,
          })}
        </p>
      )}
      <div className="table-scroll">
        <table className="figure-table">
          <thead>
            <tr>
              <th scope="col">{t('dryRun.rule')}</th>
              <th scope="col">{t('dryRun.draft')}</th>
              <th scope="col">{t('dryRun.inForce')}</th>
              <th scope="col">{t('dryRun.change')}</th>
            </tr>
          </thead>
          <tbody>
            {result.rules.map((row) => (
              <tr key={row.rule}>
                <th scope="row" className="break">
                  {row.rule}
                  <br />
                  <span className="caption">
                    {typeName(row.type)}
                    {row.candidate?.zone ? ` · ${row.candidate.zone}` : ''}
                    {sourceOf(row) ? ` · ${t(`dryRun.source.${sourceOf(row)}`)}` : ''}
                  </span>
                </th>
                <td className="num">
                  {side(row.candidate)}
                  {row.candidate?.weakerThanLog ? (
                    <p className="caption">{t('dryRun.weaker', { score: log.scoreFrom ?? '' })}</p>
                  ) : null}
                  {row.candidate?.seenOnce ? <p className="caption">{t('dryRun.seenOnce')}</p> : null}
                  <Unjudged seconds={row.candidate?.unjudgedS ?? 0} />
                </td>
                <td className="num">
                  {side(row.inForce)}
                  <Unjudged seconds={row.inForce?.unjudgedS ?? 0} />
                </td>
                <td className="num">
                  +{row.added} −{row.gone}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="difference-list">
        <li>{t('dryRun.ofSpan', { from: time(span.from), to: time(span.to) })}</li>
        {log.pictures === 0 && !usesLog ? null : (
          <li>
            {log.pictures === 0
              ? t('dryRun.noLog')
              : t('dryRun.log', {
                  pictures: log.pictures,
                  looks: log.looks,
                  percent: Math.round(share * 100),
                  score: log.scoreFrom ?? '',
                })}
          </li>
        )}
        <RecordingFacts span={span} result={result} />
        {log.lost > 0 ? <li className="failed">{t('dryRun.lost', { n: log.lost })}</li> : null}
        {away.length > 0 ? (
          <li className="failed">{t('dryRun.away', { workers: away.join(', ') })}</li>
        ) : null}
      </ul>
    </>
  )
}

/** What a rule was judged by; null: it was not. */
function sourceOf({ candidate, inForce }: RuleRow) {
  const judged = [candidate, inForce].find((one) => one !== null && one.reason === null)
  return judged?.source ?? null
}

function Unjudged({ seconds }: { readonly seconds: number }) {
  const { t } = useTranslation()
  return seconds >= 1 ? <p className="caption">{t('dryRun.unjudged', { s: Math.round(seconds) })}</p> : null
}
