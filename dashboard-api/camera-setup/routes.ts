import { z } from 'zod'
import {
  addCameraBody,
  addedCameraShape,
  changeLoginBody,
  probeAnswerShape,
  probeBody,
} from '../../core/api/camera-setup.ts'
import { configRemovedShape } from '../../core/api/config.ts'
import { CONFIG_KINDS } from '../../core/config/objects.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'

/** How a camera is connected: lines of the route table. */
export const cameraSetupRoutes = {
  probeCamera: {
    method: 'post',
    path: '/api/cameras/probe',
    summary:
      'Look at a live camera for some seconds, from a worker that could hold it: what it sends, what is wrong, one masked picture, and which configured camera it is. A camera that cannot be seen is an answer too (`failure`). Written down as a look',
    access: ['admin'],
    body: probeBody,
    answer: { kind: 'json', status: 200, schema: probeAnswerShape },
    problems: ['no_worker', 'too_many_requests', 'dependency_missing'],
  },
  addCamera: {
    method: 'post',
    path: '/api/cameras',
    summary:
      'Add a live camera; user and password go into a private file of the server that the camera then names',
    access: ['admin'],
    body: addCameraBody,
    answer: { kind: 'json', status: 201, schema: addedCameraShape },
    problems: ['state_conflict', 'config_invalid'],
  },
  changeCameraLogin: {
    method: 'post',
    path: '/api/config/camera/{id}/login',
    summary: 'Other user and password of a camera, in a private file of the server',
    access: ['admin'],
    params: z.object({ id: idSchema }),
    body: changeLoginBody,
    answer: { kind: 'json', status: 200, schema: addedCameraShape },
    problems: ['not_found', 'version_conflict', 'state_conflict', 'config_invalid'],
  },
  removedConfig: {
    method: 'get',
    path: '/api/config/{kind}/removed',
    summary: 'Objects that were taken out: who, when, why; their versions stay',
    access: ['admin', 'auditor'],
    params: z.object({ kind: z.enum(CONFIG_KINDS) }),
    answer: { kind: 'json', status: 200, schema: configRemovedShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
