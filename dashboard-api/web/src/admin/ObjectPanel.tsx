import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { type ReactNode, useDeferredValue, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigItem } from '../../../../core/api/config.ts'
import { type AdminKind, checkQuery } from '../api/admin.ts'
import { useConnection } from '../live/LiveProvider.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { useFaultText } from '../parts/problem-text.ts'
import { ReasonForm } from '../rules/ReasonForm.tsx'
import { BodyDifferences } from './BodyDifferences.tsx'
import type { Body } from './body.ts'
import { bodyDifferences, cleanBody } from './difference.ts'
import { OwnerPart } from './OwnerPart.tsx'
import { succeeds, useConfigCommands } from './use-commands.ts'
import { Versions } from './Versions.tsx'

export interface FormProps {
  readonly body: Body
  readonly readOnly: boolean
  readonly onChange: (part: Body) => void
}

interface Props {
  readonly kind: AdminKind
  /** What is in force; null: it is being added. */
  readonly item: ConfigItem | null
  /** Of a new object. */
  readonly start: Body
  readonly form: (props: FormProps) => ReactNode
  /** Ids that are taken. */
  readonly taken: readonly string[]
  /** Another place in the order, of routes. */
  readonly move?: { readonly position: number; readonly words: string } | null
  /** After it was saved, with the reason that was given. */
  readonly onSaved?: (item: ConfigItem, added: boolean, reason: string) => void
  readonly onRemoved: () => void
  /** Between the form and the history. */
  readonly children?: ReactNode
}

/** Where the draft of a new object has its id. A route's is not part of its body. */
const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/i
const ID_KEY = { user: 'name', department: 'id', route: 'id' } as const

/** The draft of one object over what is in force: what would change, why, and every version before. */
export function ObjectPanel(props: Props) {
  const { kind, item, start, form, taken, move = null, onSaved, onRemoved, children } = props
  const { t } = useTranslation()
  const offline = useConnection().kind === 'offline'
  const current = item?.body ?? {}
  const [draft, setDraft] = useState<Body>(item?.body ?? start)
  const [origin, setOrigin] = useState<{ readonly version: number | null; readonly body: Body }>({
    version: item?.version ?? null,
    body: current,
  })
  const id = item?.id ?? String(draft[ID_KEY[kind]] ?? '').trim()
  const { save, remove, hand } = useConfigCommands(kind, id)
  const body = cleanBody(kind === 'route' ? { ...draft, id: undefined } : draft)
  const mine = bodyDifferences(origin.body, body)
  const idFault = item || ID.test(id) ? (!item && taken.includes(id) ? 'taken' : null) : 'bad'
  const missing = idFault && t(`admin.idFault.${idFault}`)
  const changed = mine.length > 0
  const moved = item !== null && origin.version !== item.version
  // Without changes of one's own the panel shows the newest.
  useEffect(() => {
    if (!moved || changed || save.isPending) return
    setOrigin({ version: item.version, body: item.body })
    setDraft(item.body)
  })
  const readOnly = item?.managedBy === 'file'
  const checked = useDeferredValue(body)
  const check = useQuery(checkQuery(kind, id, checked, changed && !readOnly && missing === null))
  // What a refused saving names stands in its notice.
  const faults = save.error ? [] : (check.data ?? [])
  const faultText = useFaultText()

  const send = async (next: Body, version: number | null, reason: string): Promise<boolean> => {
    const change = { version, body: next, reason, ...(move ? { position: move.position } : {}) }
    let saved: ConfigItem
    try {
      saved = await save.mutateAsync(change)
    } catch {
      return false // the notice says why; what was typed stays
    }
    setOrigin({ version: saved.version, body: saved.body })
    setDraft(saved.body)
    onSaved?.(saved, version === null, reason)
    return true
  }
  const discard = () => {
    setOrigin({ version: item?.version ?? null, body: current })
    setDraft(item?.body ?? start)
    save.reset()
  }
  const name = `${t(`admin.kind.${kind}`)} ${id}`
  return (
    <div className="admin-panel">
      {form({ body: draft, readOnly, onChange: (part) => setDraft((old) => ({ ...old, ...part })) })}
      {changed || move ? (
        <section className="panel" aria-label={t('ruleDesk.changes')}>
          <h3>{t(item ? 'ruleDesk.changes' : 'admin.willBe')}</h3>
          {moved && changed ? (
            <>
              <Alert
                type="warning"
                showIcon
                title={t('ruleDesk.conflict')}
                description={t('ruleDesk.conflictWhat')}
              />
              <div className="side-by-side">
                <div>
                  <h4>{t('ruleDesk.theirs')}</h4>
                  <BodyDifferences differences={bodyDifferences(origin.body, current)} />
                </div>
                <div>
                  <h4>{t('ruleDesk.mine')}</h4>
                  <BodyDifferences differences={mine} />
                </div>
              </div>
              <div className="action-row">
                <Button onClick={() => setOrigin({ version: item.version, body: current })}>
                  {t('ruleDesk.keepMine')}
                </Button>
                <Button onClick={discard}>{t('ruleDesk.takeTheirs')}</Button>
              </div>
            </>
          ) : (
            <>
              {changed ? <BodyDifferences differences={mine} added={!item} /> : null}
              {move ? <p>{move.words}</p> : null}
              {missing ? <p className="failed">{missing}</p> : null}
              {faults.length > 0 ? (
                <ul aria-label={t('admin.refused')}>
                  {faults.map((fault) => (
                    <li key={`${fault.path} ${fault.message}`} className="failed break">
                      {faultText(fault)}
                    </li>
                  ))}
                </ul>
              ) : null}
              <ReasonForm
                primary
                words={t('ruleDesk.save')}
                busy={save.isPending}
                disabled={missing !== null || offline || (check.data?.length ?? 0) > 0}
                onSend={(reason) => send(body, origin.version, reason)}
              />
              <Button onClick={discard}>{t('ruleDesk.discard')}</Button>
            </>
          )}
        </section>
      ) : null}
      {save.error ? <ProblemNotice what={t('admin.notSaved', { name })} error={save.error} /> : null}
      {children}
      {item ? (
        <OwnerPart
          key={item.managedBy}
          item={item}
          name={name}
          busy={remove.isPending || hand.isPending}
          error={remove.error ?? hand.error}
          onHand={(to, reason) => succeeds(hand.mutateAsync({ version: item.version, to, reason }))}
          onRemove={async (reason) => {
            const done = await succeeds(remove.mutateAsync({ version: item.version, reason }))
            if (done) onRemoved()
            return done
          }}
        />
      ) : null}
      {item ? (
        <Versions
          {...{ kind, id, current }}
          version={item.version}
          busy={save.isPending}
          onRestore={readOnly ? null : (old, reason) => send(old, item.version, reason)}
        />
      ) : null}
    </div>
  )
}
