import { createHash } from 'node:crypto'

/** SHA-256, 32 bytes. */
export type Hash = Uint8Array

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** RFC 6962 2.1: SHA-256(0x00 ‖ bytes). The prefix keeps a leaf from being taken for a node. */
export const leafHash = (bytes: Uint8Array): Hash => createHash('sha256').update(LEAF).update(bytes).digest()

/** RFC 6962 2.1: SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Hash, right: Hash): Hash =>
  createHash('sha256').update(NODE).update(left).update(right).digest()

/** Root of the tree without leaves. */
export const emptyRoot = (): Hash => createHash('sha256').digest()

export const sameHash = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0

/** 64 lower-case hex digits. */
export const hexOf = (hash: Hash): string => Buffer.from(hash).toString('hex')

/** Null: the text is not 64 hex digits. */
export const hashFromHex = (text: string): Hash | null =>
  /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : null
