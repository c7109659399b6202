import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { cameraVersionsQuery } from '../api/rules.ts'
import { DifferenceList } from './DifferenceList.tsx'
import { differences } from './diff.ts'
import { type RuleSet, setOf } from './model.ts'
import { VersionList } from './VersionList.tsx'

interface Props {
  readonly camera: string
  readonly version: number
  readonly base: RuleSet
  /** Null: this person, or this camera, cannot take an old version back. */
  readonly onRestore: ((set: RuleSet, reason: string) => Promise<boolean>) | null
  readonly busy: boolean
}

/** Versions of a camera, of which zones and rules can be taken back. */
export function CameraVersions({ camera, base, onRestore, ...more }: Props) {
  const { t } = useTranslation()
  return (
    <VersionList
      {...more}
      query={useQuery(cameraVersionsQuery(camera))}
      heading="h2"
      difference={(body) => (
        <>
          <p>{t('ruleDesk.restoreWhat')}</p>
          <DifferenceList differences={differences(base, setOf(body))} />
        </>
      )}
      onRestore={onRestore && ((body, reason) => onRestore(setOf(body), reason))}
    />
  )
}
