import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { problemShape } from '../core/api/shapes.ts'
import { ERROR_TABLE, type ErrorCode } from '../core/errors.ts'
import type { RouteSpec } from './http/route.ts'

const problem = problemShape.meta({
  id: 'Problem',
  description: 'RFC 9457. `code` is stable; texts are not.',
})

/** OpenAPI 3.1 of a route table: the same words that the router checks. */
export function toOpenApi(table: Readonly<Record<string, RouteSpec>>, version: string): object {
  const paths: ZodOpenApiPathsObject = {}
  for (const [name, spec] of Object.entries(table)) {
    paths[spec.path] = { ...paths[spec.path], [spec.method]: operation(name, spec) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Sharp Eyes',
      version,
      description:
        'Times are UTC. Changing calls need the header "X-Sharp-Eyes: 1" and the same origin. Checks come in this order: rights (403; what is not yours is 404), version (409), content (422). Live video is a WebSocket at /api/cameras/{id}/live.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'sharp-eyes' } },
      schemas: { Problem: problem },
    },
    paths,
  })
}

function operation(name: string, spec: RouteSpec): ZodOpenApiOperationObject {
  const { access, params, query, body } = spec
  return {
    operationId: name,
    summary: spec.summary,
    ...(access === 'anyone'
      ? { security: [] }
      : { security: [{ session: [] }], description: rightsText(spec) }),
    ...(params || query
      ? { requestParams: { ...(params ? { path: params } : {}), ...(query ? { query } : {}) } }
      : {}),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    ...(spec.upload ? { requestBody: { required: true, content: UPLOAD } } : {}),
    responses: { ...success(spec), ...problems(spec), ...notReady(spec) },
  }
}

const rightsText = ({ access, loopback }: RouteSpec): string =>
  `Roles: ${access === 'anyone' ? 'anyone' : access.join(', ')}.${loopback ? ' On the machine itself without log-in.' : ''}`

const UPLOAD = {
  'multipart/form-data': {
    schema: {
      type: 'object' as const,
      required: ['file'],
      properties: { file: { type: 'string' as const, contentMediaType: 'application/octet-stream' } },
    },
  },
}

function success({ answer }: RouteSpec): ZodOpenApiOperationObject['responses'] {
  switch (answer.kind) {
    case 'json':
      return json(answer.status, answer.schema)
    case 'empty':
      return { '204': { description: 'Done' } }
    case 'sent':
      return { '200': { description: answer.what, content: { [answer.media]: {} } } }
  }
}

const json = (status: 200 | 201, schema: z.ZodType): ZodOpenApiOperationObject['responses'] => ({
  [`${status}`]: { description: STATUS_CODES[status] ?? 'OK', content: { 'application/json': { schema } } },
})

const notReady = (spec: RouteSpec): ZodOpenApiOperationObject['responses'] =>
  spec.notReady
    ? { '503': { description: 'Not ready yet', content: { 'application/json': { schema: spec.notReady } } } }
    : {}

/** Every answer that a caller may have to tell apart, by status. */
function problems(spec: RouteSpec): ZodOpenApiOperationObject['responses'] {
  const codes: ErrorCode[] = ['too_many_requests', 'internal', ...(spec.problems ?? [])]
  if (spec.access !== 'anyone') codes.push('not_logged_in', 'forbidden', 'password_change_required')
  if (spec.query || spec.body || spec.upload) codes.push('invalid')
  if (spec.body || spec.upload) codes.push('bad_request')
  codes.push('database_unavailable')
  const byStatus = Map.groupBy(codes, (code) => ERROR_TABLE[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      `${status}`,
      {
        description: [...new Set(list)].sort().join(', '),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  )
}
