import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useComma } from '../words/language.ts'
import { shrinkPhoto } from './photo/shrink.ts'
import type { Phase, Photo, Work } from './store/types.ts'
import { addPhoto, dropPhoto } from './store/work.ts'

/** A report names at most 20 pictures; ten of each side are plenty. */
const MOST = 10

/** Pictures of before or after: from the camera, or taken earlier. */
export function PhotoField({
  draft,
  phase,
  photos,
  keep,
}: {
  readonly draft: Work
  readonly phase: Phase
  readonly photos: readonly Photo[]
  readonly keep: (part: Partial<Work>) => Promise<unknown>
}) {
  const { t } = useTranslation()
  const comma = useComma()
  const camera = useRef<HTMLInputElement>(null)
  const album = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<readonly string[]>([])
  const mine = photos.filter((photo) => photo.phase === phase)
  const title = draft.kind === 'verify' ? t('field.onSite') : t(`field.${phase}`)

  /** The draft is stored before the camera opens: the browser may end the page while it is open. */
  const open = async (input: HTMLInputElement | null) => {
    await keep({ capturing: phase })
    input?.click()
  }
  const take = async (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])].slice(0, MOST - mine.length)
    input.value = '' // the same picture can be chosen again after a failure
    setBusy(true)
    const bad: string[] = []
    for (const file of files) {
      try {
        await addPhoto(draft.id, phase, await shrinkPhoto(file))
      } catch (error) {
        console.warn('A picture was not taken.', error)
        bad.push(file.name)
      }
    }
    await keep({ capturing: null })
    setFailed(bad)
    setBusy(false)
  }
  const keepRef = useRef(keep)
  keepRef.current = keep
  useEffect(() => {
    // React has no `onCancel` of an input.
    const closed = () => void keepRef.current({ capturing: null })
    const inputs = [camera.current, album.current]
    for (const input of inputs) input?.addEventListener('cancel', closed)
    return () => {
      for (const input of inputs) input?.removeEventListener('cancel', closed)
    }
  }, [])
  const full = mine.length >= MOST
  return (
    <fieldset className="field-photos">
      <legend>{title}</legend>
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label={`${title} ${t('field.camera')}`}
        onChange={(event) => void take(event.target)}
      />
      <input
        ref={album}
        type="file"
        accept="image/*"
        multiple
        hidden
        aria-label={`${title} ${t('field.album')}`}
        onChange={(event) => void take(event.target)}
      />
      <ul>
        {mine.map((photo) => (
          <li key={photo.id}>
            <Preview photo={photo} title={title} />
            <button type="button" onClick={() => void dropPhoto(photo.id)}>
              {t('field.removePhoto')}
            </button>
          </li>
        ))}
      </ul>
      <div className="field-actions">
        <button type="button" disabled={busy || full} onClick={() => void open(camera.current)}>
          {title} {t('field.camera')}
        </button>
        <button type="button" disabled={busy || full} onClick={() => void open(album.current)}>
          {t('field.album')}
        </button>
      </div>
      {failed.length > 0 ? (
        <p className="failed break">{t('field.badPhoto', { names: failed.join(comma) })}</p>
      ) : null}
    </fieldset>
  )
}

function Preview({ photo, title }: { readonly photo: Photo; readonly title: string }) {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const made = URL.createObjectURL(photo.blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [photo.blob])
  return url ? <img src={url} alt={title} /> : null
}
