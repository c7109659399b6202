import { Segmented } from 'antd'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CaseDetail } from '../api/types.ts'
import { useStoredChoice } from '../parts/stored.ts'
import { Moment } from '../time/Moment.tsx'
import { type ComparedPicture, comparedPictures } from './pictures-of.ts'

const VIEWS = ['slider', 'beside'] as const
type View = (typeof VIEWS)[number]

/** The place before and after, one over the other with a handle between, or side by side. */
export function BeforeAfter({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation()
  const [view, setView] = useStoredChoice<View>('compare', VIEWS, 'slider')
  const { before, after } = comparedPictures(detail)
  if (!before && !after) return null
  return (
    <section className="compare" aria-label={t('compare.title')}>
      <div className="compare-head">
        <h2>{t('compare.title')}</h2>
        {before && after ? (
          <Segmented<View>
            size="small"
            value={view}
            onChange={setView}
            options={VIEWS.map((each) => ({ value: each, label: t(`compare.${each}`) }))}
          />
        ) : null}
      </div>
      {before && after && view === 'slider' ? (
        <Slider before={before} after={after} />
      ) : (
        <div className="compare-beside">
          <Side side="before" picture={before} />
          <Side side="after" picture={after} />
        </div>
      )}
    </section>
  )
}

function Side({
  side,
  picture,
}: {
  readonly side: 'before' | 'after'
  readonly picture: ComparedPicture | null
}) {
  const { t } = useTranslation()
  if (!picture) return <div className="picture picture-none">{t(`compare.no_${side}`)}</div>
  return (
    <figure>
      <Picture side={side} picture={picture} />
      <Caption side={side} picture={picture} />
    </figure>
  )
}

/** A range input lies over the pictures: drag, arrow keys, Home and End are the browser's own. */
function Slider({ before, after }: { readonly before: ComparedPicture; readonly after: ComparedPicture }) {
  const { t } = useTranslation()
  const id = useId()
  const [share, setShare] = useState(50)
  return (
    <figure>
      <div className="compare-stack">
        <Picture side="after" picture={after} />
        <div className="compare-top" style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}>
          <Picture side="before" picture={before} />
        </div>
        <span className="compare-line" style={{ left: `${share}%` }} aria-hidden="true" />
        <label className="sr-only" htmlFor={id}>
          {t('compare.handle')}
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={100}
          value={share}
          aria-valuetext={t('compare.share', { n: share })}
          onChange={(event) => setShare(event.target.valueAsNumber)}
        />
      </div>
      <figcaption className="compare-captions">
        <Caption side="before" picture={before} />
        <Caption side="after" picture={after} />
      </figcaption>
    </figure>
  )
}

function Picture({
  side,
  picture,
}: {
  readonly side: 'before' | 'after'
  readonly picture: ComparedPicture
}) {
  const { t } = useTranslation()
  const [broken, setBroken] = useState(false)
  if (broken) return <div className="picture picture-none">{t('picture.broken')}</div>
  return (
    <img
      className="compare-picture"
      src={picture.url}
      alt={t(`compare.${side}`)}
      onError={() => setBroken(true)}
    />
  )
}

function Caption({
  side,
  picture,
}: {
  readonly side: 'before' | 'after'
  readonly picture: ComparedPicture
}) {
  const { t } = useTranslation()
  return (
    <span className="caption">
      <strong>{t(`compare.${side}`)}</strong> {picture.by ?? t('compare.camera')} · <Moment at={picture.at} />
    </span>
  )
}
