import { actorWords } from './en/actors.ts'
import { adminWords } from './en/admin.ts'
import { alertWords } from './en/alerts.ts'
import { auditWords } from './en/audit.ts'
import { cameraSetupWords } from './en/camera-setup.ts'
import { cameraWords } from './en/cameras.ts'
import { caseWords } from './en/cases.ts'
import { departmentWords } from './en/department.ts'
import { deskWords } from './en/desk.ts'
import { dryRunWords } from './en/dry-run.ts'
import { evidenceWords } from './en/evidence.ts'
import { fieldWords } from './en/field.ts'
import { frameWords } from './en/frame.ts'
import { healthDeskWords } from './en/health-desk.ts'
import { historyWords } from './en/history.ts'
import { holdWords } from './en/holds.ts'
import { liveBoxWords } from './en/live-boxes.ts'
import { mapWords } from './en/map.ts'
import { originalsWords } from './en/originals.ts'
import { problemWords } from './en/problems.ts'
import { ruleWords } from './en/rules.ts'
import { schemaFaultWords } from './en/schema-fault.ts'
import { sessionsWords } from './en/sessions.ts'
import { statisticsWords } from './en/statistics.ts'
import { toldWords } from './en/told.ts'
import { wallWords } from './en/wall.ts'

/** English; the same keys as the Chinese source. */
export const en = {
  ...frameWords,
  ...problemWords,
  ...schemaFaultWords,
  ...toldWords,
  ...actorWords,
  ...adminWords,
  ...originalsWords,
  ...alertWords,
  ...auditWords,
  ...sessionsWords,
  ...cameraWords,
  ...cameraSetupWords,
  ...caseWords,
  ...evidenceWords,
  ...holdWords,
  ...wallWords,
  ...liveBoxWords,
  ...historyWords,
  ...mapWords,
  ...deskWords,
  ...statisticsWords,
  ...healthDeskWords,
  ...fieldWords,
  ...departmentWords,
  ...ruleWords,
  ...dryRunWords,
}
