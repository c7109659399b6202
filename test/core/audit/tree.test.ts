import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Hash, hexOf, leafHash } from '../../../core/audit/hash.ts'
import {
  proveConsistency,
  proveInclusion,
  verifyConsistency,
  verifyInclusion,
} from '../../../core/audit/proof.ts'
import {
  appendLeaves,
  nodesReadBy,
  peaksOf,
  readerOf,
  rootAt,
  rootOf,
  type StoredNode,
} from '../../../core/audit/tree.ts'

// The leaves and roots of the public test vectors of RFC 6962 implementations.
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => leafHash(Buffer.from(hex, 'hex')))
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const leavesOf = (n: number) => Array.from({ length: n }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))
const grown = (leaves: readonly Hash[]) => appendLeaves(0, leaves, readerOf([]))

describe('roots', () => {
  test.each(ROOTS.map((root, size) => ({ size, root })))('of the known tree of $size', ({ size, root }) => {
    const leaves = LEAVES.slice(0, size)
    expect(hexOf(rootOf(leaves))).toBe(root)
    expect(hexOf(rootAt(size, readerOf(grown(leaves))))).toBe(root)
  })

  test('do not depend on how the leaves came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }), (batches) => {
        const leaves = leavesOf(batches.reduce((a, b) => a + b, 0))
        let nodes: readonly StoredNode[] = []
        let size = 0
        for (const count of batches) {
          const peaks = peaksOf(size).map(({ level, index }) => `${level}/${index}`)
          const stored = nodes.filter(({ level, index }) => peaks.includes(`${level}/${index}`))
          // Appending is given the peaks alone.
          nodes = [...nodes, ...appendLeaves(size, leaves.slice(size, size + count), readerOf(stored))]
          size += count
        }
        expect(hexOf(rootAt(size, readerOf(nodes)))).toBe(hexOf(rootOf(leaves)))
        expect(nodes).toHaveLength(new Set(nodes.map(({ level, index }) => `${level}/${index}`)).size)
      }),
    )
  })

  test('a missing node is named, never passed over', () => {
    const nodes = grown(leavesOf(5)).filter(({ level, index }) => level !== 2 || index !== 0)
    expect(() => rootAt(5, readerOf(nodes))).toThrow('node 2/0 of the audit tree is missing')
  })
})

const sizes = fc.integer({ min: 1, max: 300 })
const indexIn = fc.tuple(sizes, fc.nat()).map(([size, n]) => ({ size, index: n % size }))
const pair = fc.tuple(sizes, fc.nat()).map(([to, n]) => ({ to, from: 1 + (n % to) }))
const flip = (hash: Hash, at: number) =>
  hash.map((byte, i) => (i === at % 32 ? byte ^ (1 + (at % 255)) : byte))

describe('inclusion', () => {
  test('every proof verifies, with as many hashes as the tree is high', () => {
    const leaves = leavesOf(300)
    const read = readerOf(grown(leaves))
    fc.assert(
      fc.property(indexIn, ({ index, size }) => {
        const path = proveInclusion(index, size, read)
        const leaf = leaves[index] as Hash
        const root = rootOf(leaves.slice(0, size))
        expect(verifyInclusion({ index, size, leaf, root, path })).toBe(true)
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
        expect(nodesReadBy((node) => proveInclusion(index, size, node)).length).toBeLessThanOrEqual(2 * 9)
      }),
    )
  })

  test('every changed byte, place or length fails', () => {
    const leaves = leavesOf(300)
    const read = readerOf(grown(leaves))
    fc.assert(
      fc.property(indexIn, fc.nat(), fc.nat(), ({ index, size }, which, at) => {
        const path = proveInclusion(index, size, read)
        const claim = { index, size, leaf: leaves[index] as Hash, root: rootOf(leaves.slice(0, size)), path }
        const hit = which % Math.max(1, path.length)
        expect(verifyInclusion({ ...claim, leaf: flip(claim.leaf, at) })).toBe(false)
        expect(verifyInclusion({ ...claim, root: flip(claim.root, at) })).toBe(false)
        expect(verifyInclusion({ ...claim, path: [...path, claim.leaf] })).toBe(false)
        expect(verifyInclusion({ ...claim, index: size })).toBe(false)
        if (path.length === 0) return
        expect(
          verifyInclusion({ ...claim, path: path.map((hash, i) => (i === hit ? flip(hash, at) : hash)) }),
        ).toBe(false)
        expect(verifyInclusion({ ...claim, path: path.slice(1) })).toBe(false)
        expect(verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(false)
      }),
    )
  })

  test('numbers that fit no tree are no proof, and cannot be proved', () => {
    const claim = { leaf: LEAVES[0] as Hash, root: LEAVES[0] as Hash, path: [] }
    for (const [index, size] of [
      [-1, 1],
      [0, 0],
      [0.5, 1],
      [Number.NaN, 1],
      [1, 1],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(verifyInclusion({ ...claim, index, size })).toBe(false)
      expect(() => proveInclusion(index, size, readerOf([]))).toThrow(RangeError)
    }
    expect(verifyInclusion({ ...claim, index: 0, size: 1 })).toBe(true)
    expect(verifyInclusion({ ...claim, index: 0, size: 1, leaf: new Uint8Array(31) })).toBe(false)
  })
})

describe('consistency', () => {
  test('every proof verifies', () => {
    const leaves = leavesOf(300)
    const read = readerOf(grown(leaves))
    fc.assert(
      fc.property(pair, ({ from, to }) => {
        const path = proveConsistency(from, to, read)
        const [fromRoot, toRoot] = [rootOf(leaves.slice(0, from)), rootOf(leaves.slice(0, to))]
        expect(verifyConsistency({ from, to, fromRoot, toRoot, path })).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  test('every changed byte or length fails, and so does another past', () => {
    const leaves = leavesOf(300)
    const read = readerOf(grown(leaves))
    fc.assert(
      fc.property(pair, fc.nat(), fc.nat(), ({ from, to }, which, at) => {
        const path = proveConsistency(from, to, read)
        const [fromRoot, toRoot] = [rootOf(leaves.slice(0, from)), rootOf(leaves.slice(0, to))]
        const claim = { from, to, fromRoot, toRoot, path }
        const hit = which % Math.max(1, path.length)
        const other = leaves.map((leaf, i) => (i === which % from ? flip(leaf, at) : leaf))
        expect(verifyConsistency({ ...claim, fromRoot: rootOf(other.slice(0, from)) })).toBe(false)
        expect(verifyConsistency({ ...claim, fromRoot: flip(fromRoot, at) })).toBe(false)
        expect(verifyConsistency({ ...claim, toRoot: flip(toRoot, at) })).toBe(false)
        expect(verifyConsistency({ ...claim, path: [...path, fromRoot] })).toBe(false)
        expect(verifyConsistency({ ...claim, from: to, to: from === to ? to - 1 : from })).toBe(false)
        if (path.length === 0) return
        expect(
          verifyConsistency({ ...claim, path: path.map((hash, i) => (i === hit ? flip(hash, at) : hash)) }),
        ).toBe(false)
        expect(verifyConsistency({ ...claim, path: path.slice(1) })).toBe(false)
      }),
      { numRuns: 400 },
    )
  })

  test('the empty tree is the beginning of every tree, and of nothing is there more to say', () => {
    const claim = { from: 0, to: 3, fromRoot: rootOf([]), toRoot: rootOf(LEAVES.slice(0, 3)), path: [] }
    expect(verifyConsistency(claim)).toBe(true)
    expect(verifyConsistency({ ...claim, path: [claim.toRoot] })).toBe(false)
    expect(() => proveConsistency(4, 3, readerOf([]))).toThrow(RangeError)
  })
})
