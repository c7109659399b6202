import type { Actor } from '../../core/actor.ts'
import type { CaseState } from '../../core/case/words.ts'
import type { CaseCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { OPERATOR, officerOf, VERIFIER } from './people.ts'
import { drawMoment, photoOf, type SceneMoment } from './scenes.ts'
import type { SeedCase } from './story.ts'

/** State → the step that is due, as its place in `SeedCase.times`. Any other state is a person's doing and stays. */
const STEPS: Partial<Record<CaseState, number>> = {
  pending_accept: 1,
  handling: 2,
  pending_check: 3,
  pending_close: 4,
}
/** A second of every film in which nothing is wrong: what is put right looks like this. */
const CALM_SECOND = 2

interface CaseRun {
  readonly database: Database
  readonly caseCommands: CaseCommands
  readonly store: EvidenceStore
  readonly story: SeedCase
  readonly alertId: string
  readonly scene: SceneMoment
  /** Moves the story's clock; returns its time. */
  at(minutesAgo: number): number
}

/** Files the case of an alert, or goes on with it, as far as its story goes. */
export async function runCase(run: CaseRun): Promise<void> {
  const { database, caseCommands, story, alertId } = run
  const [filedAgo = 0] = story.times
  run.at(filedAgo)
  let facts = await findCase(database, alertId)
  if (!facts) {
    await caseCommands.file({ alertId, note: story.note }, OPERATOR)
    facts = await findCase(database, alertId)
  }
  while (facts) {
    const step = STEPS[facts.state]
    const ago = step === undefined ? undefined : story.times[step]
    if (step === undefined || ago === undefined) return
    await take(run, facts, step, run.at(ago))
    facts = await findCase(database, alertId)
  }
}

interface StoredCase {
  readonly no: string
  readonly state: CaseState
  readonly version: number
  readonly lead: string | null
}

async function findCase(database: Database, alertId: string): Promise<StoredCase | undefined> {
  const { rows } = await database.query<StoredCase>(
    'select no, state, version, lead from cases where alert_id = $1 order by no desc limit 1',
    [alertId],
  )
  return rows[0]
}

async function take(run: CaseRun, facts: StoredCase, step: number, at: number): Promise<void> {
  const { caseCommands, story } = run
  const { no, version } = facts
  const officer = officerOf(facts.lead)
  if (step === 1) await caseCommands.execute(no, { kind: 'accept', version }, officer)
  if (step === 2) {
    const attachments = [await attach(run, no, { by: officer, share: 1, at })]
    await caseCommands.execute(no, { kind: 'report', version, note: story.report, attachments }, officer)
  }
  if (step === 3) {
    const attachments = [await attach(run, no, { by: VERIFIER, share: 0.6, at })]
    const command = { kind: 'verify', version, passed: true, note: story.finding, attachments } as const
    await caseCommands.execute(no, command, VERIFIER)
  }
  if (step === 4)
    await caseCommands.execute(no, { kind: 'close', version, reason: '整改到位，予以结案' }, OPERATOR)
}

async function attach(
  { caseCommands, store, scene }: CaseRun,
  no: string,
  photo: { readonly by: Actor; readonly share: number; readonly at: number },
): Promise<string> {
  const picture = await drawMoment({ camera: scene.camera, second: CALM_SECOND }, photo.at)
  const { sha256, bytes } = await store.put(await photoOf(picture, photo.share))
  const name = `${scene.camera}-${photo.by.name}.jpg`
  const attachment = { sha256, bytes, mediaType: 'image/jpeg', name, capturedAt: photo.at }
  return (await caseCommands.attach(no, attachment, photo.by)).id
}
