import { emptyRoot, type Hash, nodeHash } from './hash.ts'

/**
 * The Merkle tree of RFC 6962 over stored nodes. A node {level, index} is the root of the complete subtree over the
 * leaves [index · 2^level, (index + 1) · 2^level); it never changes once its leaves are there. Sizes and indexes are
 * whole numbers below 2^53. Leaves count from 0.
 */
export interface NodeId {
  readonly level: number
  readonly index: number
}

export interface StoredNode extends NodeId {
  readonly hash: Hash
}

/** Answers a stored node; throws when it is not there. */
export type ReadNode = (node: NodeId) => Hash

/** Greatest power of two below `n`; n ≥ 2. Arithmetic, for bit operations end at 32 bits. */
export function splitOf(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** Greatest power of two that is not above `n`; n ≥ 1. */
const powerWithin = (n: number): number => (n === 1 ? 1 : splitOf(n + 1))

/** The complete subtrees that a tree of `size` leaves consists of, from the left. */
export function peaksOf(size: number): readonly NodeId[] {
  const peaks: NodeId[] = []
  for (let start = 0; start < size; ) {
    const width = powerWithin(size - start)
    peaks.push({ level: Math.log2(width), index: start / width })
    start += width
  }
  return peaks
}

/** Hash over the leaves [start, start + width), where `start` is a multiple of a power of two that is ≥ width. */
export function rangeHash(start: number, width: number, read: ReadNode): Hash {
  if (width === 0) return emptyRoot()
  const parts = peaksOf(width).map(({ level, index }) => read({ level, index: start / 2 ** level + index }))
  return parts.reduceRight((right, left) => nodeHash(left, right))
}

/** Root of the first `size` leaves. */
export const rootAt = (size: number, read: ReadNode): Hash => rangeHash(0, size, read)

/** Root over leaf hashes that are all at hand. */
export function rootOf(leaves: readonly Hash[]): Hash {
  const [first] = leaves
  if (!first) return emptyRoot()
  if (leaves.length === 1) return first
  const k = splitOf(leaves.length)
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}

/**
 * Appends leaves to a tree of `size`. `read` is asked for the peaks of that tree alone. Answers every new node, leaves
 * included, each after those below it: on the average two for a leaf.
 */
export function appendLeaves(size: number, leaves: readonly Hash[], read: ReadNode): readonly StoredNode[] {
  const made: StoredNode[] = []
  // Of each level the last node that waits for its right neighbour.
  const waiting = new Map(peaksOf(size).map((peak) => [peak.level, read(peak)]))
  leaves.forEach((leaf, i) => {
    let [level, index, hash] = [0, size + i, leaf]
    made.push({ level, index, hash })
    for (let left = waiting.get(0); index % 2 === 1 && left; left = waiting.get(level)) {
      hash = nodeHash(left, hash)
      waiting.delete(level)
      level += 1
      index = (index - 1) / 2
      made.push({ level, index, hash })
    }
    waiting.set(level, hash)
  })
  return made
}

/** The nodes that `work` reads, so that a store can fetch them in one go. `work` runs on hashes of zeros. */
export function nodesReadBy(work: (read: ReadNode) => unknown): readonly NodeId[] {
  const asked = new Map<string, NodeId>()
  work((node) => {
    asked.set(`${node.level}/${node.index}`, node)
    return new Uint8Array(32)
  })
  return [...asked.values()]
}

/** `ReadNode` over nodes at hand. Throws naming the node that is missing. */
export function readerOf(nodes: Iterable<StoredNode>): ReadNode {
  const known = new Map([...nodes].map(({ level, index, hash }) => [`${level}/${index}`, hash]))
  return ({ level, index }) => {
    const hash = known.get(`${level}/${index}`)
    if (!hash) throw new Error(`node ${level}/${index} of the audit tree is missing`)
    return hash
  }
}
