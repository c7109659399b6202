import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaseCommandKind } from '../../../../core/case/words.ts'
import type { CaseDetail } from '../api/types.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { MoveForm } from './MoveForm.tsx'

/** What the reader may do now, as buttons; everything else, with its reason, on demand. */
export function Moves({ detail }: { readonly detail: CaseDetail }) {
  const { t, i18n } = useTranslation()
  const offline = useConnection().kind === 'offline'
  const [open, setOpen] = useState<CaseCommandKind | null>(null)
  const allowed = detail.moves.filter((move) => move.allowed)
  const others = detail.moves.filter((move) => !move.allowed)
  // Voiding ends a case: it is never what a key or the first look offers.
  const main = allowed.find(({ kind }) => kind !== 'void')
  useKeys('keys.groups.case', [
    {
      codes: ['KeyE'],
      shown: 'e',
      words: 'keys.act',
      enabled: main !== undefined && !offline,
      run: () => setOpen(main?.kind ?? null),
    },
  ])
  return (
    <section className="moves" aria-label={t('case.moves')}>
      <div className="action-row">
        {allowed.length === 0 ? <span className="caption">{t('case.noMoves')}</span> : null}
        {allowed.map(({ kind }) => (
          <Button
            key={kind}
            type={kind === main?.kind ? 'primary' : 'default'}
            danger={kind === 'void'}
            disabled={offline}
            aria-expanded={open === kind}
            onClick={() => setOpen(open === kind ? null : kind)}
          >
            {t(`move.${kind}`)} {kind === main?.kind ? <kbd>e</kbd> : null}
          </Button>
        ))}
        {offline ? <span className="caption">{t('common.offlineOff')}</span> : null}
      </div>
      {/* The form stays when the case moves on under it, also where its move is no longer possible: nothing typed is lost. */}
      {open ? <MoveForm key={open} kind={open} detail={detail} onClose={() => setOpen(null)} /> : null}
      {others.length > 0 ? (
        <details className="other-moves">
          <summary>{t('case.otherMoves')}</summary>
          <ul>
            {others.map(({ kind, reason }) => (
              <li key={kind}>
                {t(`move.${kind}`)}{' '}
                <span className="caption">
                  {reason && i18n.exists(`refusal.${reason}`) ? t(`refusal.${reason}`) : reason}
                </span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  )
}
