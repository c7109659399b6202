import { type Hash, nodeHash, sameHash } from './hash.ts'
import { type ReadNode, rangeHash, splitOf } from './tree.ts'

/**
 * Proofs of RFC 6962 2.1, O(log n) hashes. Making: from stored nodes. Verifying: from the proof alone (RFC 9162 2.1.3.2
 * and 2.1.4.2), never throws: numbers that fit no tree, or hashes of a wrong length, are simply no proof.
 */

/** Hashes that lead from leaf `index` (from 0) to the root of the first `size` leaves. Throws RangeError. */
export function proveInclusion(index: number, size: number, read: ReadNode): readonly Hash[] {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new RangeError(`leaf ${index} is not in a tree of ${size}`)
  const path: Hash[] = []
  let [start, width] = [0, size]
  while (width > 1) {
    const k = splitOf(width)
    if (index - start < k) {
      path.unshift(rangeHash(start + k, width - k, read))
      width = k
    } else {
      path.unshift(rangeHash(start, k, read))
      start += k
      width -= k
    }
  }
  return path
}

/** Hashes that show that the first `from` leaves of the tree of `to` are those of the tree of `from`. Throws RangeError. */
export function proveConsistency(from: number, to: number, read: ReadNode): readonly Hash[] {
  if (!isCount(from) || !isCount(to) || from > to)
    throw new RangeError(`a tree of ${from} is no beginning of a tree of ${to}`)
  if (from === 0 || from === to) return []
  const path: Hash[] = []
  let [start, width] = [0, to]
  let whole = true
  while (from - start < width) {
    const k = splitOf(width)
    if (from - start <= k) {
      path.unshift(rangeHash(start + k, width - k, read))
      width = k
    } else {
      path.unshift(rangeHash(start, k, read))
      start += k
      width -= k
      whole = false
    }
  }
  // The old tree itself needs no telling when it is a subtree of the new one.
  return whole ? path : [rangeHash(start, width, read), ...path]
}

export function verifyInclusion(claim: {
  readonly index: number
  readonly size: number
  readonly leaf: Hash
  readonly root: Hash
  readonly path: readonly Hash[]
}): boolean {
  const { index, size, leaf, root, path } = claim
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...path])) return false
  let [node, last, hash] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else hash = nodeHash(hash, sibling)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && sameHash(hash, root)
}

export function verifyConsistency(claim: {
  readonly from: number
  readonly to: number
  readonly fromRoot: Hash
  readonly toRoot: Hash
  readonly path: readonly Hash[]
}): boolean {
  const { from, to, fromRoot, toRoot } = claim
  if (!isCount(from) || !isCount(to) || from > to || !areHashes([fromRoot, toRoot, ...claim.path]))
    return false
  if (from === to) return claim.path.length === 0 && sameHash(fromRoot, toRoot)
  // Every tree begins with the empty one; what its root would be says nothing.
  if (from === 0) return claim.path.length === 0
  const path = isPowerOfTwo(from) ? [fromRoot, ...claim.path] : claim.path
  const [first, ...rest] = path
  if (!first) return false
  let [node, last] = [from - 1, to - 1]
  while (node % 2 === 1) [node, last] = [half(node), half(last)]
  let [oldHash, newHash] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sibling, oldHash)
      newHash = nodeHash(sibling, newHash)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else newHash = nodeHash(newHash, sibling)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && sameHash(oldHash, fromRoot) && sameHash(newHash, toRoot)
}

const half = (n: number) => Math.floor(n / 2)
const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0
const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n)) && 2 ** Math.log2(n) === n
const areHashes = (hashes: readonly Hash[]) => hashes.every((hash) => hash.length === 32)
