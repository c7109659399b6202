import { actorWords } from './zh/actors.ts'
import { adminWords } from './zh/admin.ts'
import { alertWords } from './zh/alerts.ts'
import { auditWords } from './zh/audit.ts'
import { cameraSetupWords } from './zh/camera-setup.ts'
import { cameraWords } from './zh/cameras.ts'
import { caseWords } from './zh/cases.ts'
import { departmentWords } from './zh/department.ts'
import { deskWords } from './zh/desk.ts'
import { dryRunWords } from './zh/dry-run.ts'
import { evidenceWords } from './zh/evidence.ts'
import { fieldWords } from './zh/field.ts'
import { frameWords } from './zh/frame.ts'
import { healthDeskWords } from './zh/health-desk.ts'
import { historyWords } from './zh/history.ts'
import { holdWords } from './zh/holds.ts'
import { liveBoxWords } from './zh/live-boxes.ts'
import { mapWords } from './zh/map.ts'
import { originalsWords } from './zh/originals.ts'
import { problemWords } from './zh/problems.ts'
import { ruleWords } from './zh/rules.ts'
import { schemaFaultWords } from './zh/schema-fault.ts'
import { sessionsWords } from './zh/sessions.ts'
import { statisticsWords } from './zh/statistics.ts'
import { toldWords } from './zh/told.ts'
import { wallWords } from './zh/wall.ts'

/** 中文: the source. A test proves that both languages are complete. */
export const zh = {
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
