import { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import {
  alertGroupsShape,
  claimsShape,
  deskShape,
  endShiftBody,
  groupVerdictBody,
  groupVerdictShape,
  muteBody,
  openMattersShape,
  shiftShape,
  startShiftBody,
  withdrawBody,
} from '../../core/api/desk.ts'
import { alertDetailShape } from '../../core/api/shapes.ts'
import type { RouteSpec } from '../http/route.ts'

/** Counts of the whole city: not for officers, who see their department's matters. */
const DESK_READERS: readonly Role[] = ['operator', 'verifier', 'investigator', 'auditor', 'admin']
const OPERATOR: readonly Role[] = ['operator']

const alertId = z.object({ id: z.uuid() })
const shiftId = z.object({ id: z.uuid() })
const json = <S extends z.ZodType>(schema: S) => ({ kind: 'json', status: 200, schema }) as const

/** The operator's desk: lines of the route table. */
export const deskRoutes = {
  desk: {
    method: 'get',
    path: '/api/desk',
    summary: 'Alarm rate, flood, what is to verify, who is on duty, hand-overs that wait',
    access: DESK_READERS,
    answer: json(deskShape),
  },
  alertGroups: {
    method: 'get',
    path: '/api/desk/groups',
    summary: 'Alerts to verify, grouped by place and type; the latest group first, at most 500',
    access: DESK_READERS,
    answer: json(alertGroupsShape),
  },
  groupVerdict: {
    method: 'post',
    path: '/api/desk/verdicts',
    summary: 'One verdict for alerts of one camera and one rule whose stills the caller has opened',
    access: OPERATOR,
    body: groupVerdictBody,
    answer: json(groupVerdictShape),
    problems: ['state_conflict', 'not_found'],
  },
  undoVerdict: {
    method: 'post',
    path: '/api/alerts/{id}/verdict/undo',
    summary: 'Take the own verdict back within 10 s; nothing about it has left',
    access: OPERATOR,
    params: alertId,
    answer: json(alertDetailShape),
    problems: ['not_found', 'state_conflict'],
  },
  withdrawVerdict: {
    method: 'post',
    path: '/api/alerts/{id}/verdict/withdraw',
    summary: 'Take a verdict back later, with a reason; what was sent about it is corrected',
    access: OPERATOR,
    params: alertId,
    body: withdrawBody,
    answer: json(alertDetailShape),
    problems: ['not_found', 'state_conflict'],
  },
  mute: {
    method: 'post',
    path: '/api/alerts/{id}/mute',
    summary: 'Put an alert out of "to verify" until a time within 24 h; it comes back by itself',
    access: OPERATOR,
    params: alertId,
    body: muteBody,
    answer: json(alertDetailShape),
    problems: ['not_found', 'state_conflict'],
  },
  unmute: {
    method: 'delete',
    path: '/api/alerts/{id}/mute',
    summary: 'End the mute of an alert',
    access: OPERATOR,
    params: alertId,
    answer: json(alertDetailShape),
    problems: ['not_found'],
  },
  claims: {
    method: 'get',
    path: '/api/claims',
    summary: 'Who has which alert open now',
    access: OPERATOR,
    answer: json(claimsShape),
  },
  claim: {
    method: 'post',
    path: '/api/alerts/{id}/claim',
    summary: 'Say that the caller has the alert open, for 30 s; answers who else has',
    access: OPERATOR,
    params: alertId,
    answer: json(claimsShape),
    problems: ['not_found'],
  },
  unclaim: {
    method: 'delete',
    path: '/api/alerts/{id}/claim',
    summary: 'Say that the caller has closed the alert',
    access: OPERATOR,
    params: alertId,
    answer: { kind: 'empty' },
  },
  startShift: {
    method: 'post',
    path: '/api/shifts',
    summary: 'Go on duty, taking the hand-overs that wait; again: the shift that is going on',
    access: OPERATOR,
    body: startShiftBody,
    answer: json(shiftShape),
    problems: ['state_conflict'],
  },
  endShift: {
    method: 'post',
    path: '/api/shifts/end',
    summary: 'Go off duty with a note; what is open then is kept with it',
    access: OPERATOR,
    body: endShiftBody,
    answer: json(shiftShape),
    problems: ['state_conflict'],
  },
  openMatters: {
    method: 'get',
    path: '/api/shifts/open',
    summary: 'What a hand-over would tell now',
    access: OPERATOR,
    answer: json(openMattersShape),
  },
  takeShift: {
    method: 'post',
    path: '/api/shifts/{id}/take',
    summary: 'Say that the hand-over was read and is taken',
    access: OPERATOR,
    params: shiftId,
    answer: json(shiftShape),
    problems: ['not_found', 'state_conflict'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
