import { mayAttach } from '../../core/case/rights.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { machineReasons } from '../../core/machine-reason.ts'
import type { CaseCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { ALWAYS_ASK, findAttachment, locateEvidence, sendEvidence } from '../evidence.ts'
import { photoFactsOf, toAttachment } from '../field/photo.ts'
import { onceOf } from '../http/idempotency.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import type { ROUTES } from '../routes.ts'
import type { CaseReader } from './read.ts'
import type { TakeUpload } from './upload.ts'

type Names = 'fileCase' | 'case' | 'commandCase' | 'attach' | 'attachment'

/** Routes of cases. None writes a case table: moves, filings and attachments go through the port CaseCommands. */
export function caseHandlers(deps: {
  database: Database
  cases: CaseReader
  caseCommands: CaseCommands
  evidenceStore: EvidenceStore
  takeUpload: TakeUpload
  looks: Looks
}): Handlers<Pick<typeof ROUTES, Names>> {
  const { database, cases, caseCommands, evidenceStore, takeUpload, looks } = deps
  return {
    fileCase: ({ raw, actor }) => caseCommands.file(raw(), actor),
    case: ({ params, actor }) => cases.detail(params.no, actor),
    async commandCase({ request, params, actor, raw }) {
      await cases.find(database, params.no, actor)
      await caseCommands.execute(params.no, raw(), actor, onceOf(request, raw()))
      return cases.detail(params.no, actor)
    },
    async attach({ request, response, params, actor }) {
      const { body } = await cases.find(database, params.no, actor)
      // Before a byte is read: twenty megabytes only to hear no. The port checks again under the case's lock.
      if (!mayAttach(body, actor)) {
        throw new SharpEyesError(
          'forbidden',
          `${actor.name} may not add pictures to case ${params.no} in state ${body.state}`,
          { details: { state: body.state, version: body.version } },
        )
      }
      return takeUpload(request, response, async ({ path, mediaType, name, fields }) => {
        const facts = photoFactsOf(fields)
        const { sha256, bytes } = await evidenceStore.put({ path })
        const once = onceOf(request, { sha256, name, ...facts })
        return caseCommands.attach(
          params.no,
          toAttachment({ sha256, bytes, mediaType, name }, facts),
          actor,
          once,
        )
      })
    },
    async attachment({ response, params, query, actor }) {
      const { body } = await cases.find(database, params.no, actor)
      const row = await findAttachment(database, params.no, params.id)
      if (!row) throw new SharpEyesError('not_found', `case ${params.no} has no picture ${params.id}`)
      const path = await locateEvidence(evidenceStore, row)
      await looks.write({
        who: actor.name,
        what: 'attachment',
        object: `case:${params.no}`,
        camera: body.camera,
        purpose: query.purpose || (body.purpose ?? 'case'),
        caseNo: params.no,
        reason: machineReasons.write('attachment', { id: params.id }),
      })
      await sendEvidence(response, {
        path,
        etag: row.sha256,
        mediaType: row.media_type,
        name: row.name,
        cache: ALWAYS_ASK,
      })
    },
  }
}
