import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { captureStill } from '../api/captures.ts'
import type { CameraItem } from '../api/types.ts'
import { keepDraft, readDraft, withStill } from '../filing/draft.ts'
import { useKeys } from '../keys/KeysProvider.tsx'
import { useConnection } from '../live/LiveProvider.tsx'
import { capital } from '../parts/capital.ts'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { hasRole, useSession } from '../session/session.ts'

/** Keeps what is on screen now as evidence, and opens the form of the case that it belongs to. */
export function CaptureButton({
  camera,
  purpose,
}: {
  readonly camera: CameraItem
  readonly purpose: string
}) {
  const { t } = useTranslation()
  const session = useSession()
  const navigate = useNavigate()
  const offline = useConnection().kind === 'offline'
  const capture = useMutation({
    mutationFn: () => captureStill(camera.id, purpose),
    onSuccess: ({ ticket, capturedAt }) => {
      const still = { ticket, capturedAt, camera: camera.id }
      keepDraft(session.name, withStill(readDraft(session.name), still, camera.place.address ?? ''))
      void navigate('/file')
    },
  })
  const enabled = hasRole(session, 'operator') && !offline && !capture.isPending
  useKeys('keys.groups.picture', [
    { codes: ['KeyS'], shown: 's', words: 'wallKeys.capture', enabled, run: () => capture.mutate() },
  ])
  return (
    <>
      <Button size="small" disabled={!enabled} loading={capture.isPending} onClick={() => capture.mutate()}>
        {capital(t('wallKeys.capture'))} <kbd>s</kbd>
      </Button>
      {capture.error ? <ProblemNotice what={t('filing.notKept')} error={capture.error} /> : null}
    </>
  )
}
