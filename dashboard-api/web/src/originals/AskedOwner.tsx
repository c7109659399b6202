import { useQuery } from '@tanstack/react-query'
import type { NamedOwner } from '../../../../core/api/named-owner.ts'
import { alertQuery } from '../api/alerts.ts'
import { camerasQuery } from '../api/cameras.ts'
import { caseQuery } from '../api/cases.ts'
import type { Sealed } from '../api/originals.ts'
import { keptRecordingQuery } from '../api/recordings.ts'
import { OwnerLine } from '../evidence/OwnerLine.tsx'

/** What is asked for by the address, named as the list names it; by its id alone until it is read, or where there is none. */
export function AskedOwner({ asked: { kind, id } }: { readonly asked: Sealed }) {
  const alert = useQuery({ ...alertQuery(id), enabled: kind === 'alert' }).data
  const filed = useQuery({ ...caseQuery(id), enabled: kind === 'case' }).data
  const kept = useQuery({ ...keptRecordingQuery(id), enabled: kind === 'recording' }).data
  const cameras = useQuery({ ...camerasQuery, enabled: kind === 'recording' }).data
  const bare: NamedOwner = {
    ...{ kind, id, type: null, camera: null, cameraName: null, address: null, from: null, to: null },
  }
  if (alert) {
    const { type, camera, cameraName, place, startedAt } = alert
    return (
      <OwnerLine
        owner={{ ...bare, type, camera, cameraName, address: place.address ?? null, from: startedAt }}
      />
    )
  }
  if (filed) {
    const { type, camera, cameraName, place, filedAt } = filed
    return (
      <OwnerLine
        owner={{ ...bare, type, camera, cameraName, address: place.address ?? null, from: filedAt }}
      />
    )
  }
  if (!kept) return <OwnerLine owner={bare} />
  const { camera, from, to } = kept
  const name = cameras?.items.find((each) => each.id === camera)
  return (
    <OwnerLine
      owner={{
        ...bare,
        camera,
        cameraName: name?.name ?? null,
        address: name?.place.address ?? null,
        from,
        to,
      }}
    />
  )
}
