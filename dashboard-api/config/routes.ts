import { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import {
  cameraRulesShape,
  checkConfigBody,
  configFaultsShape,
  configListShape,
  configVersionsShape,
  configViewShape,
  handConfigBody,
  removeConfigBody,
  saveConfigBody,
} from '../../core/api/config.ts'
import { CONFIG_KINDS } from '../../core/config/objects.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'

/** Who may read the whole configuration; only an admin changes it (`ConfigCommands`). */
const CONFIG_READERS: readonly Role[] = ['admin', 'auditor']
/** Rules and zones, without the source of the pictures. An officer sees what the cameras of own cases watch on their page. */
const RULE_READERS: readonly Role[] = ['operator', 'investigator', 'auditor', 'admin']
const kind = z.object({ kind: z.enum(CONFIG_KINDS) })
const object = kind.extend({ id: idSchema })

/** Configuration by desks: lines of the route table. */
export const configRoutes = {
  cameraRules: {
    method: 'get',
    path: '/api/cameras/{id}/rules',
    summary: 'What a camera watches, where, and what it never shows, in the form of the city file',
    access: RULE_READERS,
    params: z.object({ id: idSchema }),
    answer: { kind: 'json', status: 200, schema: cameraRulesShape },
    problems: ['not_found'],
  },
  config: {
    method: 'get',
    path: '/api/config/{kind}',
    summary: 'The objects of a kind in the form of the city file, with who manages them',
    access: CONFIG_READERS,
    params: kind,
    answer: { kind: 'json', status: 200, schema: configListShape },
  },
  configVersions: {
    method: 'get',
    path: '/api/config/{kind}/{id}/versions',
    summary: 'Every version of an object, newest first: who, when, why',
    access: CONFIG_READERS,
    params: object,
    answer: { kind: 'json', status: 200, schema: configVersionsShape },
  },
  saveConfig: {
    method: 'post',
    path: '/api/config/{kind}/{id}',
    summary: 'Add an object, or change the version that was seen; the whole city must stay valid',
    access: ['admin'],
    params: object,
    body: saveConfigBody,
    answer: { kind: 'json', status: 200, schema: configViewShape },
    problems: ['not_found', 'version_conflict', 'state_conflict', 'config_invalid'],
  },
  checkConfig: {
    method: 'post',
    path: '/api/config/{kind}/{id}/check',
    summary: 'What would be wrong with an object; nothing is changed',
    access: ['admin'],
    params: object,
    body: checkConfigBody,
    answer: { kind: 'json', status: 200, schema: configFaultsShape },
  },
  removeConfig: {
    method: 'post',
    path: '/api/config/{kind}/{id}/remove',
    summary: 'Take an object out; its versions stay',
    access: ['admin'],
    params: object,
    body: removeConfigBody,
    answer: { kind: 'empty' },
    problems: ['not_found', 'version_conflict', 'state_conflict', 'config_invalid'],
  },
  handConfig: {
    method: 'post',
    path: '/api/config/{kind}/{id}/hand',
    summary: 'Hand an object from the city file to the desk, or back',
    access: ['admin'],
    params: object,
    body: handConfigBody,
    answer: { kind: 'json', status: 200, schema: configViewShape },
    problems: ['not_found', 'version_conflict'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
