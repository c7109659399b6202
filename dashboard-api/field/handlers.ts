import { mayAttach } from '../../core/case/rights.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CaseCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { PersonActor } from '../auth/people.ts'
import type { CaseReader } from '../cases/read.ts'
import { pictureType, plainName } from '../cases/upload.ts'
import { onceOf } from '../http/idempotency.ts'
import type { Handlers } from '../http/route.ts'
import { toAttachment } from './photo.ts'
import type { fieldRoutes } from './routes.ts'
import { createStaging } from './staging.ts'
import { createTus } from './tus.ts'

/** Remarks, and pictures in pieces: staged on this process's disk, then attached through the port CaseCommands. */
export function fieldHandlers(deps: {
  readonly database: Database
  readonly cases: CaseReader
  readonly caseCommands: CaseCommands
  readonly evidenceStore: EvidenceStore
  readonly clock: Clock
  readonly folder: string
}): Handlers<typeof fieldRoutes> {
  const { database, cases, caseCommands, evidenceStore, clock } = deps
  const staging = createStaging(deps.folder, clock)
  const tus = createTus(staging)

  /** Before a byte is read: twenty megabytes only to hear no. The port checks again under the case's lock. */
  const admit = async (no: string, actor: PersonActor): Promise<void> => {
    const { body } = await cases.find(database, no, actor)
    if (mayAttach(body, actor)) return
    throw new SharpEyesError(
      'forbidden',
      `${actor.name} may not add pictures to case ${no} in state ${body.state}`,
      { details: { state: body.state, version: body.version } },
    )
  }
  return {
    async remark({ request, params, actor, raw }) {
      await cases.find(database, params.no, actor)
      await caseCommands.remark(params.no, raw(), actor, onceOf(request, raw()))
      return cases.detail(params.no, actor)
    },
    async createUpload({ request, response, params, actor }) {
      await admit(params.no, actor)
      await staging.cleanUp()
      await staging.makeRoom(actor)
      await tus(request, response, staging.newId(actor, params.no))
    },
    async uploadState({ request, response, params, actor }) {
      await cases.find(database, params.no, actor)
      staging.own(params.upload, actor, params.no)
      await tus(request, response)
    },
    async uploadPart({ request, response, params, actor }) {
      await admit(params.no, actor)
      staging.own(params.upload, actor, params.no)
      await tus(request, response)
    },
    async dropUpload({ request, response, params, actor }) {
      await cases.find(database, params.no, actor)
      staging.own(params.upload, actor, params.no)
      await tus(request, response)
    },
    async attachUpload({ request, params, actor, body }) {
      await cases.find(database, params.no, actor)
      const { name, ...facts } = body()
      const once = onceOf(request, { name, ...facts })
      // The pieces are gone once they are attached: an answer that was lost is told again without them.
      const before = once && (await caseCommands.attached(once, actor))
      if (before) return before
      await admit(params.no, actor)
      staging.own(params.upload, actor, params.no)
      return staging.take(params.upload, async (path) => {
        const mediaType = await pictureType(path)
        const { sha256, bytes } = await evidenceStore.put({ path })
        const attachment = toAttachment({ sha256, bytes, mediaType, name: plainName(name) }, facts)
        return caseCommands.attach(params.no, attachment, actor, once)
      })
    },
  }
}
