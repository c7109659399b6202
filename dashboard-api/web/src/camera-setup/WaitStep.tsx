import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import { awaitedCameraQuery } from '../api/camera-setup.ts'
import { StateMark } from '../cameras/CameraList.tsx'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { ToldText } from '../parts/ToldText.tsx'

/** Until a worker has the camera and its picture comes; what is waited for is said. Then its live page. */
export function WaitStep({ id, file }: { readonly id: string; readonly file: string | null }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { data: camera, error } = useQuery(awaitedCameraQuery(id))
  const path = `/cameras/${encodeURIComponent(id)}`
  const online = camera?.state === 'online'
  useEffect(() => {
    // A file that others need is read first; then one goes on by oneself.
    if (online && file === null) void navigate(path)
  }, [online, file, path, navigate])
  const state = camera?.state ?? 'unassigned'
  return (
    <section className="wizard-step">
      <h2>{t('cameraNew.saved', { id })}</h2>
      <p role="status">
        <StateMark state={state} /> {t(`cameraNew.waiting.${state}`)}
      </p>
      {camera?.problem && !online ? (
        <ToldText area="told.camera" told={camera.trouble} text={camera.problem} />
      ) : null}
      {error ? <ProblemNotice what={t('cameraNew.notRead')} error={error} /> : null}
      {file ? (
        <>
          <p>{t('cameraNew.fileAt')}</p>
          <p>
            <code className="break">{file}</code>
          </p>
          <p className="caption">{t('cameraNew.fileElsewhere')}</p>
        </>
      ) : null}
      <p className="action-row">
        <Link to={path}>{t(online ? 'cameraNew.toLive' : 'cameraNew.toCamera')}</Link>
        <Link to={`${path}/rules`}>{t('ruleDesk.open')}</Link>
        <Link to="/cameras/manage">{t('cameraAdmin.title')}</Link>
      </p>
    </section>
  )
}
