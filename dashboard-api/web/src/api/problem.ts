import type { Problem } from './types.ts'

/** A failed call, with the server's stable code. `network`: nobody answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly problem: Problem | null

  constructor(status: number, code: string, message: string, problem: Problem | null) {
    super(message)
    this.status = status
    this.code = code
    this.problem = problem
  }

  /** The number to tell the engineer; null when the server gave none. */
  get number(): string | null {
    return this.problem?.instance ?? null
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string'

/** Total: also a proxy's HTML page becomes an error that says its status. */
export function problemError(status: number, body: unknown): ApiError {
  if (isProblem(body)) return new ApiError(status, body.code, body.detail ?? body.title, body)
  return new ApiError(status, `http_${status}`, `HTTP ${status}`, null)
}

export const networkError = (cause: unknown): ApiError =>
  new ApiError(0, 'network', cause instanceof Error ? cause.message : String(cause), null)

/** Total: whatever a query threw, as an ApiError. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  return new ApiError(0, 'app', thrown instanceof Error ? thrown.message : String(thrown), null)
}
