import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { PersonActor } from '../auth/people.ts'

/** One line of the route table: what the router checks and what OpenAPI says are the same words. */
export interface RouteSpec {
  readonly method: 'get' | 'head' | 'post' | 'patch' | 'delete'
  /** As OpenAPI writes it: `/api/alerts/{id}`. */
  readonly path: string
  readonly summary: string
  /** Roles that may call it, or `anyone`, also without log-in. */
  readonly access: 'anyone' | readonly Role[]
  /** Open without log-in to callers on this machine. */
  readonly loopback?: true
  /** Allowed before the first password is changed. */
  readonly beforePasswordChange?: true
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** JSON body, or with `upload` one multipart field `file`. */
  readonly body?: z.ZodType
  readonly upload?: true
  /** Of a JSON body, as Express writes it; absent: `64kb`. */
  readonly bodyLimit?: string
  readonly answer: Answer
  /** Asked for in many small parts, which are counted apart from the other calls of a session. */
  readonly parts?: true
  /** Body of a 503 that is no problem but an answer. */
  readonly notReady?: z.ZodType
  /** Answers besides the usual 401, 403, 422, 429, 500 and 503. */
  readonly problems?: readonly ErrorCode[]
}

export type Answer =
  | { readonly kind: 'json'; readonly status: 200 | 201; readonly schema: z.ZodType }
  | { readonly kind: 'empty' }
  /** The handler sends it itself: pictures, films, streams, text. */
  | { readonly kind: 'sent'; readonly media: string; readonly what: string }

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined

/** What a handler is given. Rights by role are checked; path and query are parsed. */
export interface Call<S extends RouteSpec> {
  readonly request: Request
  readonly response: Response
  readonly actor: S['access'] extends 'anyone' ? PersonActor | null : PersonActor
  readonly params: Parsed<S['params']>
  readonly query: Parsed<S['query']>
  /**
   * The parsed body; throws `invalid`. Called by the handler after it has found the object: rights come before
   * content. `raw()` is the unparsed one, for ports that check it themselves.
   */
  body(): Parsed<S['body']>
  raw(): Readonly<Record<string, unknown>>
}

export type Handler<S extends RouteSpec> = (
  call: Call<S>,
) => Promise<S['answer'] extends { readonly schema: infer T extends z.ZodType } ? z.input<T> : void>

export type Handlers<Table extends Readonly<Record<string, RouteSpec>>> = {
  readonly [Name in keyof Table]: Handler<Table[Name]>
}

/** `/api/alerts/{id}` → `/api/alerts/:id` */
export const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')
