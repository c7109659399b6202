import { useQuery } from '@tanstack/react-query'
import { type AdminKind, versionsQuery } from '../api/admin.ts'
import { VersionList } from '../rules/VersionList.tsx'
import { BodyDifferences } from './BodyDifferences.tsx'
import type { Body } from './body.ts'
import { bodyDifferences } from './difference.ts'

interface Props {
  readonly kind: AdminKind
  readonly id: string
  readonly version: number
  readonly current: Body
  readonly busy: boolean
  /** Null: it cannot be changed here. */
  readonly onRestore: ((body: Body, reason: string) => Promise<boolean>) | null
}

/** Versions of an object that is kept by these pages. */
export function Versions({ kind, id, current, ...more }: Props) {
  return (
    <VersionList
      {...more}
      query={useQuery(versionsQuery(kind, id))}
      heading="h3"
      difference={(body) => <BodyDifferences differences={bodyDifferences(current, body)} />}
    />
  )
}
