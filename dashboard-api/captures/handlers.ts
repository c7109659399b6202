import { mayAttach } from '../../core/case/rights.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { LiveSource } from '../../core/live.ts'
import { machineReasons } from '../../core/machine-reason.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CaseCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { PersonActor } from '../auth/people.ts'
import type { CameraReader } from '../cameras/read.ts'
import type { CaseReader } from '../cases/read.ts'
import { KEEP_NOTHING, sendEvidence } from '../evidence.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import type { captureRoutes } from './routes.ts'
import { type CaptureFacts, createCaptureTickets } from './ticket.ts'

const HOUR_MS = 3_600_000

/** The looks row is committed before a picture is kept or shown; the case gets it through the port CaseCommands. */
export function captureHandlers(deps: {
  database: Database
  cameras: CameraReader
  cases: CaseReader
  caseCommands: CaseCommands
  evidenceStore: EvidenceStore
  live: LiveSource
  looks: Looks
  sessionSecret: string
  clock: Clock
}): Handlers<typeof captureRoutes> {
  const { database, cameras, cases, caseCommands, evidenceStore, live, looks, clock } = deps
  const tickets = createCaptureTickets(deps.sessionSecret)

  /** Its file too: the path is null-free. Throws `not_found` for what another took, `expired` when it is gone. */
  const open = async (ticket: string, actor: PersonActor): Promise<{ facts: CaptureFacts; path: string }> => {
    const facts = tickets.read(ticket)
    if (!facts || facts.who !== actor.name) {
      throw new SharpEyesError('not_found', 'ticket: it names no still that you have kept')
    }
    const path = facts.until < clock.now() ? null : await evidenceStore.locate(facts.sha256)
    if (path) return { facts, path }
    throw new SharpEyesError('expired', 'ticket: a still in no case is kept for 20 hours; take another one')
  }

  return {
    async captureStill({ params, actor, body }) {
      const camera = await cameras.find(params.id, actor)
      const purpose = body().purpose || camera.purpose
      const still = await live.still(camera.id)
      if (!still) {
        throw new SharpEyesError('not_ready', `there is no picture of camera ${camera.id} now; try again`)
      }
      await looks.write({
        who: actor.name,
        what: 'still',
        object: `camera:${camera.id}`,
        camera: camera.id,
        purpose,
        caseNo: null,
        reason: machineReasons.write('kept'),
      })
      const { sha256, bytes } = await evidenceStore.put(still.jpeg)
      const { capturedAt } = still
      const facts = { sha256, bytes, camera: camera.id, purpose, capturedAt, who: actor.name }
      return {
        ticket: tickets.issue(facts, clock.now()),
        camera: camera.id,
        capturedAt: new Date(capturedAt).toISOString(),
        sha256,
        bytes,
      }
    },
    async capture({ response, params, actor }) {
      const { facts, path } = await open(params.ticket, actor)
      await looks.writeOnceWithin(HOUR_MS, {
        who: actor.name,
        what: 'still',
        object: `camera:${facts.camera}`,
        camera: facts.camera,
        purpose: facts.purpose,
        caseNo: null,
        reason: machineReasons.write('kept'),
      })
      await sendEvidence(response, {
        path,
        etag: facts.sha256,
        mediaType: 'image/jpeg',
        cache: KEEP_NOTHING,
      })
    },
    async attachCapture({ params, actor, body }) {
      const { body: found } = await cases.find(database, params.no, actor)
      const { facts } = await open(body().ticket, actor)
      if (!mayAttach(found, actor)) {
        throw new SharpEyesError(
          'forbidden',
          `${actor.name} may not add pictures to case ${params.no} in state ${found.state}`,
          { details: { state: found.state, version: found.version } },
        )
      }
      const { sha256, bytes, camera, capturedAt } = facts
      const stamp = new Date(capturedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')
      const name = `${camera}-${stamp}.jpg`
      const { id } = await caseCommands.attach(
        params.no,
        { sha256, bytes, mediaType: 'image/jpeg', name, capturedAt },
        actor,
      )
      return { id, sha256 }
    },
  }
}
