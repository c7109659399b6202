import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useRouteError } from 'react-router'

const AGAIN_S = 15

/** Nobody stands before a wall to press a button: it loads itself again. */
export function WallFault() {
  const { t } = useTranslation()
  const fault = useRouteError()
  const [left, setLeft] = useState(AGAIN_S)
  useEffect(() => {
    const timer = setInterval(() => setLeft((old) => old - 1), 1_000)
    return () => clearInterval(timer)
  }, [])
  useEffect(() => {
    if (left <= 0) location.reload()
  }, [left])
  return (
    <div className="empty" role="alert">
      <p>{t('wall.healing', { n: Math.max(0, left) })}</p>
      <p lang="en" className="caption">
        {fault instanceof Error ? fault.message : String(fault)}
      </p>
    </div>
  )
}
