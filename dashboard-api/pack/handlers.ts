import { createHash } from 'node:crypto'
import type { Response } from 'express'
import type { z } from 'zod'
import { PACK_HASH_HEADER, type packBody } from '../../core/api/pack.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { EvidenceCommands } from '../../core/evidence.ts'
import { canonicalText, PACK_FILES, type PackFile } from '../../core/pack/manifest.ts'
import type { PackProver } from '../../core/pack/prover.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { PersonActor } from '../auth/people.ts'
import type { CaseReader } from '../cases/read.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import type { Looks } from '../looks.ts'
import type { Approval, Seals } from '../originals/seals.ts'
import { type Gathered, gather } from './gather.ts'
import { documentFile, evidenceFiles, manifestOf } from './manifest.ts'
import { proveExport, waitForPositions } from './prove.ts'
import { readmeOf } from './readme.ts'
import type { packRoutes } from './routes.ts'
import { checkEvidence, type Part, sendZip } from './stream.ts'

/** Packs that are made at once by one process: each reads all its evidence from the disk. */
const MAX_AT_ONCE = 2
/** What a browser can still keep while it downloads. */
const MAX_BYTES = 4 * 2 ** 30

type Asked = z.output<typeof packBody>

interface PackDeps {
  readonly database: Database
  readonly city: CityReader
  readonly cases: CaseReader
  readonly evidenceStore: EvidenceStore
  readonly evidenceCommands: EvidenceCommands
  readonly prover?: PackProver
  readonly looks: Looks
  readonly seals: Seals
  readonly clock: Clock
  readonly version: string
}

/** Nothing lies on this server's disk: the pack is made while it is sent, after everything that can fail was tried. */
export function packHandlers(deps: PackDeps): Handlers<typeof packRoutes> {
  const { database, cases } = deps
  let running = 0
  return {
    async exportCase({ response, params, actor, body }) {
      const { body: facts } = await cases.find(database, params.no, actor)
      const asked = body()
      const { prover } = deps
      if (!prover) throw new SharpEyesError('not_ready', 'this server has no audit log to prove a pack with')
      if (running >= MAX_AT_ONCE) {
        throw new SharpEyesError(
          'too_many_requests',
          `${MAX_AT_ONCE} packs are being made; wait until one is done`,
          { details: { retryAfterSeconds: 10 } },
        )
      }
      running += 1
      try {
        await waitForPositions(deps, facts.no, facts.alertId)
        await sendPack(
          { ...deps, prover },
          response,
          await snapshot(deps, facts.no, actor, asked),
          actor,
          asked,
        )
      } finally {
        running -= 1
      }
    },
  }
}

const snapshot = ({ database, cases }: PackDeps, no: string, actor: PersonActor, asked: Asked) =>
  database.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only')
    return gather(tx, await cases.find(tx, no, actor), asked.originals)
  })

async function sendPack(
  deps: PackDeps & { readonly prover: PackProver },
  response: Response,
  gathered: Gathered,
  actor: PersonActor,
  asked: Asked,
): Promise<void> {
  const { evidenceStore: store, clock } = deps
  const { no } = gathered.facts
  const city = await deps.city.read()
  const at = clock.now()
  const evidence = evidenceFiles(gathered, city)
  refuseTooLarge(no, evidence)
  await checkEvidence(store, evidence)
  const documents = [
    document(PACK_FILES.log, 'log', canonicalText(gathered.log)),
    document(PACK_FILES.changes, 'changes', canonicalText(gathered.changes)),
    document(
      PACK_FILES.readme,
      'readme',
      readmeOf({ no, city: city.facts.name, at: new Date(at).toISOString(), by: actor.name }),
    ),
  ]
  const files = [...evidence, ...documents.map(({ file }) => file)]
  const about = { ...asked, by: actor.name, at, program: deps.version }
  const text = Buffer.from(canonicalText(manifestOf(gathered, files, city, about)))
  const manifest = createHash('sha256').update(text).digest('hex')
  const alert = gathered.facts.alertId
  const approval = hasSealed(gathered, asked)
    ? await deps.seals.open(actor, [`case:${no}`, ...(alert === null ? [] : [`alert:${alert}`])])
    : null
  await writeLooks(deps, gathered, actor, asked, approval)
  const bytes = files.reduce((sum, file) => sum + (file.path === null ? 0 : file.bytes), 0)
  const { reason, purpose, originals } = asked
  const kept = { manifest, files: files.length, bytes, originals, purpose, reason }
  await deps.evidenceCommands.exported(no, kept, actor)
  const { proofs, checkpoint, key } = await proveExport(deps, no, manifest, gathered.changes)
  const parts: Part[] = [
    ...documents.filter(({ file }) => file.kind === 'readme').map(({ part }) => part),
    { path: PACK_FILES.manifest, content: text },
    ...documents.filter(({ file }) => file.kind !== 'readme').map(({ part }) => part),
    { path: PACK_FILES.proofs, content: Buffer.from(canonicalText(proofs)) },
    { path: PACK_FILES.checkpoint, content: Buffer.from(checkpoint) },
    { path: PACK_FILES.key, content: Buffer.from(key) },
    ...evidence.flatMap((file) => (file.path === null ? [] : [{ path: file.path, file }])),
  ]
  response.setHeader(PACK_HASH_HEADER, manifest)
  await sendZip(response, `${no}.zip`, parts, { store, at: new Date(at) })
}

function document(path: string, kind: PackFile['kind'], text: string): { file: PackFile; part: Part } {
  const content = Buffer.from(text)
  const facts = { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length }
  const mediaType = kind === 'readme' ? 'text/plain; charset=utf-8' : 'application/json'
  return { file: documentFile(path, kind, mediaType, facts), part: { path, content } }
}

function refuseTooLarge(no: string, files: readonly PackFile[]): void {
  const bytes = files.reduce((sum, file) => sum + (file.path === null ? 0 : file.bytes), 0)
  if (bytes <= MAX_BYTES) return
  throw new SharpEyesError(
    'too_large',
    `the evidence of case ${no} has ${bytes} bytes, a pack at most ${MAX_BYTES}: export it without the originals, or copy it out of the evidence store`,
  )
}

/** Before the first byte: an export opens everything, and an opened seal has a row of its own. */
async function writeLooks(
  { looks }: PackDeps,
  gathered: Gathered,
  actor: PersonActor,
  asked: Asked,
  approval: Approval | null,
): Promise<void> {
  const { facts } = gathered
  const { reason, purpose } = asked
  const look = { who: actor.name, purpose, reason, caseNo: facts.no, camera: facts.camera }
  await looks.write({ ...look, what: 'pack', object: `case:${facts.no}` })
  if (hasSealed(gathered, asked) && facts.alertId !== null)
    await looks.write({ ...look, ...approval, what: 'original', object: `alert:${facts.alertId}` })
}

const hasSealed = ({ evidence }: Gathered, { originals }: Asked): boolean =>
  originals && evidence.some(({ kind, variant }) => kind !== 'attachment' && variant === 'original')
