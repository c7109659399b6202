import { ROLES, type Role } from '../../core/actor.ts'

const LETTERS: Readonly<Record<string, Role>> = {
  o: 'operator',
  f: 'officer',
  v: 'verifier',
  i: 'investigator',
  a: 'auditor',
  m: 'admin',
}

/** `anyone`: also without log-in. */
export type Access = 'anyone' | readonly Role[]

/**
 * Who may call what, decided apart from the route table and compared with it: whoever opens a route to one more role
 * writes it here too. o operator, f officer (own department), v verifier, i investigator, a auditor, m admin.
 */
const DECIDED: Readonly<Record<string, string>> = {
  // The person's own session, and what every page needs.
  logIn: '*',
  session: 'ofviam',
  logOut: 'ofviam',
  changePassword: 'ofviam',
  openSessions: 'ofviam', // their own; an admin everybody's
  endSession: 'ofviam',
  endOtherSessions: 'ofviam',
  openApi: '*',
  logInWays: '*',
  beginOidc: '*',
  finishOidc: '*',
  workingHours: 'ofviam',
  departments: 'ofviam',
  stream: 'ofviam',
  savedViews: 'ofviam',
  saveView: 'ofviam',
  removeView: 'ofviam',
  // Alerts and their pictures; officers: of their cases, and those that their department was told of.
  alerts: 'ofviam',
  alert: 'ofviam',
  alertAround: 'ofviam',
  still: 'ofviam',
  clip: 'ofviam',
  // The operator's desk.
  desk: 'oviam',
  alertGroups: 'oviam',
  acknowledge: 'o',
  verdict: 'o',
  groupVerdict: 'o',
  undoVerdict: 'o',
  withdrawVerdict: 'o',
  mute: 'o',
  unmute: 'o',
  claims: 'o',
  claim: 'o',
  unclaim: 'o',
  startShift: 'o',
  endShift: 'o',
  openMatters: 'o',
  takeShift: 'o',
  captureStill: 'o',
  capture: 'o',
  attachCapture: 'o',
  retryNotification: 'o',
  // Cases: not the engineers' business. Who moves them is decided by the table of moves besides.
  cases: 'ofvia',
  caseCounts: 'ofvia',
  caseSheet: 'ofvia',
  case: 'ofvia',
  attachment: 'ofvia',
  replayCase: 'ofvia',
  replayPlace: 'ovia',
  fileCase: 'o',
  commandCase: 'ofv',
  remark: 'ofv',
  attach: 'ofv',
  createUpload: 'ofv',
  uploadState: 'ofv',
  uploadPart: 'ofv',
  dropUpload: 'ofv',
  attachUpload: 'ofv',
  // Evidence: held, released and carried out by those who answer for it.
  holds: 'ia',
  holdCase: 'ia',
  releaseCase: 'ia',
  holdAlert: 'ia',
  releaseAlert: 'ia',
  holdRecording: 'ia',
  releaseRecording: 'ia',
  exportCase: 'ia',
  // The seal of originals: a reason, or another one of them.
  originals: 'ia',
  askOriginal: 'ia',
  decideOriginal: 'ia',
  // Who looked at what, and why: also the engineers' doings.
  audit: 'a',
  auditSheet: 'a',
  auditTree: 'a',
  auditProof: 'a',
  auditCheckpoints: 'a',
  // Cameras; live and recorded pictures by purpose.
  cameras: 'ofviam',
  camera: 'ofviam',
  liveStill: 'ofvim',
  recordings: 'ofvi',
  recordingPart: 'ofvi',
  recordingPreview: 'ofvi',
  keepRecording: 'oi',
  keptRecordings: 'ofvia',
  keptRecording: 'ofvia',
  keptClip: 'ofvia',
  // History and figures.
  events: 'oviam',
  statistics: 'ofia',
  statisticsSheet: 'ofia',
  statisticsCases: 'ofia',
  statisticsAlerts: 'oia',
  statisticsAlarms: 'oia',
  // The map: what each may see elsewhere.
  baseMap: 'ofviam',
  mapItems: 'ofviam',
  mapTiles: 'ofviam',
  // Measurements are no pictures.
  sensors: 'ofviam',
  sensor: 'ofviam',
  readings: 'ofviam',
  marks: 'ofviam',
  markReadings: 'om',
  // Health and configuration.
  health: 'ofviam',
  metrics: 'm',
  coverage: 'oiam',
  coverageDay: 'ofviam',
  healthWorkers: 'oiam',
  cameraRules: 'oiam',
  config: 'am',
  configVersions: 'am',
  checkConfig: 'm',
  saveConfig: 'm',
  startDryRun: 'm',
  dryRun: 'm',
  leaveDryRun: 'm',
  cancelDryRun: 'm',
  dryRunPicture: 'm',
  tryRoute: 'om',
  tryChannel: 'm',
  removeConfig: 'm',
  handConfig: 'm',
  users: 'am',
  oneTimePassword: 'm',
  retention: 'am',
  probeCamera: 'm',
  addCamera: 'm',
  changeCameraLogin: 'm',
  removedConfig: 'am',
  checkCameraImport: 'm',
  importCameras: 'm',
}

/** Throws for a route that nobody has decided about. */
export function decidedAccess(name: string): Access {
  const letters = DECIDED[name]
  if (letters === undefined)
    throw new Error(
      `nobody has decided who may call ${name}: add it to DECIDED of test/dashboard-api/sweep-table.ts`,
    )
  if (letters === '*') return 'anyone'
  const roles = [...letters].map((letter) => LETTERS[letter])
  return ROLES.filter((role) => roles.includes(role))
}
