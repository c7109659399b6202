import canonicalize from 'canonicalize'
import { type Hash, leafHash } from './hash.ts'

/** A change as the tree knows it. */
export interface AuditedChange {
  /** Position in the log, decimal text from "1". Position p is leaf p − 1. */
  readonly pos: string
  /** UTC with microseconds, as the database has it: `2026-11-26T02:00:00.123456Z`. */
  readonly at: string
  readonly topic: string
  readonly key: string
  readonly payload: unknown
}

/** The SQL of `at` in this form, for a column or expression of `timestamptz`. */
export const auditTimeSql = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** RFC 8785 text of {pos, at, topic, key, payload}: the bytes that a leaf is made of. */
export function canonicalChange({ pos, at, topic, key, payload }: AuditedChange): Uint8Array {
  return Buffer.from(canonicalize({ pos, at, topic, key, payload }) ?? '')
}

export const leafOf = (change: AuditedChange): Hash => leafHash(canonicalChange(change))

/** Index of the leaf of a position. */
export const leafIndex = (pos: string): number => Number(pos) - 1

/** Leaf of a position whose row retention had deleted before the tree began: it says that alone. */
export const goneLeaf = (pos: string): Hash => leafHash(Buffer.from(canonicalize({ gone: true, pos }) ?? ''))
