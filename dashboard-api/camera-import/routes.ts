import { checkImportBody, importBody, importCheckShape, importedShape } from '../../core/api/camera-import.ts'
import type { RouteSpec } from '../http/route.ts'

/** 2,000 lines with long addresses, as JSON. */
const LIST_LIMIT = '5mb'

/** Many cameras from a list: lines of the route table. */
export const cameraImportRoutes = {
  checkCameraImport: {
    method: 'post',
    path: '/api/cameras/import/check',
    summary:
      'What a list of cameras (CSV) would add and change, and everything that is wrong in it; nothing is changed',
    access: ['admin'],
    body: checkImportBody,
    bodyLimit: LIST_LIMIT,
    answer: { kind: 'json', status: 200, schema: importCheckShape },
  },
  importCameras: {
    method: 'post',
    path: '/api/cameras/import',
    summary:
      'Save a list of cameras (CSV) in one transaction: all of it, or with `rightOnly` its right lines',
    access: ['admin'],
    body: importBody,
    bodyLimit: LIST_LIMIT,
    answer: { kind: 'json', status: 200, schema: importedShape },
    problems: ['version_conflict', 'state_conflict', 'config_invalid'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
