import { expect, test } from 'vitest'
import type { RouteSpec } from '../../dashboard-api/http/route.ts'
import { toOpenApi } from '../../dashboard-api/openapi.ts'
import { ROUTES } from '../../dashboard-api/routes.ts'

interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, { responses: Record<string, unknown>; security: unknown[] }>>
}

const document = toOpenApi(ROUTES, '1.2.3') as Document

test('OpenAPI 3.1 has every route of the table with its answer and its problems', () => {
  expect(document.openapi).toBe('3.1.0')
  for (const [name, spec] of Object.entries(ROUTES as Record<string, RouteSpec>)) {
    const operation = document.paths[spec.path]?.[spec.method]
    expect(operation, name).toMatchObject({ operationId: name })
    const statuses = Object.keys(operation?.responses ?? {})
    expect(statuses, name).toContain(
      spec.answer.kind === 'json' ? `${spec.answer.status}` : spec.answer.kind === 'empty' ? '204' : '200',
    )
    expect(statuses, name).toContain('429')
    if (spec.access !== 'anyone') expect(statuses, name).toEqual(expect.arrayContaining(['401', '403']))
  }
})

test('no route of the table is open to everybody but log-in and the description', () => {
  const open = Object.entries(ROUTES as Record<string, RouteSpec>).filter(
    ([, spec]) => spec.access === 'anyone',
  )
  expect(open.map(([name]) => name).sort()).toEqual([
    'beginOidc',
    'finishOidc',
    'logIn',
    'logInWays',
    'openApi',
  ])
})

test('two lines of the table never have one address', () => {
  const addresses = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`)
  expect(new Set(addresses).size).toBe(addresses.length)
})
