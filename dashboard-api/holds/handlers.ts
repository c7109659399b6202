import type { EvidenceCommands, EvidenceOwner } from '../../core/evidence.ts'
import type { Database } from '../../core/ports/database.ts'
import type { AlertReader } from '../alerts/read.ts'
import type { PersonActor } from '../auth/people.ts'
import type { CaseReader } from '../cases/read.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { listHolds } from './read.ts'
import type { holdRoutes } from './routes.ts'

/** Holds are written by the port: a hold is an entry of the case's log, too. */
export function holdHandlers(deps: {
  readonly database: Database
  readonly alerts: AlertReader
  readonly cases: CaseReader
  readonly evidenceCommands: EvidenceCommands
  readonly city: CityReader
}): Handlers<typeof holdRoutes> {
  const { database, alerts, cases, evidenceCommands } = deps
  const hold = async (owner: EvidenceOwner, reason: string, actor: PersonActor) => {
    const { id, at, gone } = await evidenceCommands.hold(owner, reason, actor)
    return { id, at: new Date(at).toISOString(), gone }
  }
  const ofCase = async (no: string, actor: PersonActor): Promise<EvidenceOwner> => {
    await cases.find(database, no, actor)
    return { kind: 'case', id: no }
  }
  const ofAlert = async (id: string, actor: PersonActor): Promise<EvidenceOwner> => {
    await alerts.find(database, id, actor)
    return { kind: 'alert', id }
  }
  // Keepers are city-wide, and the port says what is not there.
  const ofRecording = (id: string): EvidenceOwner => ({ kind: 'recording', id })
  return {
    holds: async () => listHolds(database, await deps.city.read()),
    holdCase: async ({ params, actor, body }) => hold(await ofCase(params.no, actor), body().reason, actor),
    holdAlert: async ({ params, actor, body }) => hold(await ofAlert(params.id, actor), body().reason, actor),
    async releaseCase({ params, actor, body }) {
      await evidenceCommands.release(await ofCase(params.no, actor), params.hold, body().reason, actor)
    },
    holdRecording: ({ params, actor, body }) => hold(ofRecording(params.id), body().reason, actor),
    async releaseRecording({ params, actor, body }) {
      await evidenceCommands.release(ofRecording(params.id), params.hold, body().reason, actor)
    },
    async releaseAlert({ params, actor, body }) {
      await evidenceCommands.release(await ofAlert(params.id, actor), params.hold, body().reason, actor)
    },
  }
}
