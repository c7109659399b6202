import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Checkpoint,
  openCheckpoint,
  parseCheckpoint,
  parseVerifier,
  signCheckpoint,
  type VerifierKey,
  verifierText,
} from '../../../core/audit/checkpoint.ts'
import { leafHash } from '../../../core/audit/hash.ts'
import { canonicalChange, leafOf } from '../../../core/audit/leaf.ts'
import { noteEntry, readNotes } from '../../../core/audit/notes.ts'

const ORIGIN = 'sharp-eyes/0198c0de'
const { privateKey } = generateKeyPairSync('ed25519')
const verifier = parseVerifier(verifierText(ORIGIN, privateKey)) as VerifierKey
const checkpoint: Checkpoint = {
  origin: ORIGIN,
  size: 88_214,
  root: leafHash(Buffer.from('root')),
  at: '2026-11-26T02:00:00.000Z',
}

describe('checkpoints', () => {
  test('are signed notes', () => {
    const note = signCheckpoint(checkpoint, privateKey)
    const lines = note.split('\n')
    expect(lines.slice(0, 5)).toEqual([
      ORIGIN,
      '88214',
      Buffer.from(checkpoint.root).toString('base64'),
      'time 2026-11-26T02:00:00.000Z',
      '',
    ])
    expect(lines[5]).toMatch(/^— sharp-eyes\/0198c0de [A-Za-z0-9+/]{91}=$/)
    expect(openCheckpoint(note, verifier)).toEqual({ ok: true, checkpoint })
  })

  test('the verifier key of the public example of C2SP is read', () => {
    // golang.org/x/mod/sumdb/note, the key of sum.golang.org.
    const known = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'
    const read = parseVerifier(known) as VerifierKey
    expect(read.name).toBe('sum.golang.org')
    expect(verifierText('sum.golang.org', read.key)).toBe(known)
    expect(parseVerifier(known.replace('033de0ae', '033de0af'))).toBeNull()
  })

  test('every changed character fails', () => {
    const note = signCheckpoint(checkpoint, privateKey)
    fc.assert(
      fc.property(
        fc.nat({ max: note.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, other) => {
          fc.pre(note[at] !== other)
          const changed = note.slice(0, at) + other + note.slice(at + 1)
          expect(openCheckpoint(changed, verifier).ok).toBe(false)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('another key, another log and a note without signature are told apart', () => {
    const note = signCheckpoint(checkpoint, privateKey)
    const stranger = generateKeyPairSync('ed25519').privateKey
    expect(openCheckpoint(signCheckpoint(checkpoint, stranger), verifier)).toMatchObject({
      fault: 'no_signature',
    })
    expect(openCheckpoint(note.slice(0, note.indexOf('—')), verifier)).toMatchObject({
      fault: 'no_signature',
    })
    expect(
      openCheckpoint(signCheckpoint({ ...checkpoint, origin: 'other' }, privateKey), verifier),
    ).toMatchObject({ fault: 'wrong_origin' })
    expect(openCheckpoint(note.replace('88214', '88215'), verifier)).toMatchObject({
      fault: 'wrong_signature',
    })
    expect(openCheckpoint('nonsense', verifier)).toMatchObject({ fault: 'malformed' })
    // A witness's signature beside ours changes nothing.
    expect(openCheckpoint(`${note}— witness.example AAAAAAAA\n`, verifier)).toMatchObject({ ok: true })
  })

  test('no text makes the parsers throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseCheckpoint(text)
        parseVerifier(text)
        readNotes(text)
        openCheckpoint(text, verifier)
      }),
    )
    expect(() => signCheckpoint({ ...checkpoint, origin: 'a b' }, privateKey)).toThrow(TypeError)
    expect(() =>
      verifierText('a', createPublicKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)),
    ).toThrow(TypeError)
  })
})

describe('a file of notes', () => {
  test('gives back what was appended, past one that was cut off', () => {
    const notes = [1, 2, 3].map((size) => signCheckpoint({ ...checkpoint, size }, privateKey))
    const append = (file: string, note: string) => file + noteEntry(note, file.slice(-2))
    const whole = notes.reduce(append, '')
    expect(readNotes(whole)).toEqual({ notes, damaged: 0 })
    fc.assert(
      fc.property(fc.nat({ max: (notes[0] as string).length - 3 }), (cut) => {
        const torn = (notes[0] as string).slice(0, cut)
        const file = notes.slice(1).reduce(append, torn)
        const read = readNotes(file)
        // All of it may be there but the last bytes of the signature, which then does not verify.
        const good = read.notes.filter((note) => openCheckpoint(note, verifier).ok)
        expect(good).toEqual(notes.slice(1))
      }),
    )
  })
})

describe('the leaf of a change', () => {
  const change = {
    pos: '9007199254740993',
    at: '2026-11-26T02:00:00.123456Z',
    topic: 'case',
    key: '2026-000001',
    payload: { z: 1, a: '中', n: null, list: [1.5, 'x'] },
  }
  test('is the RFC 8785 text, whatever the order of keys', () => {
    expect(Buffer.from(canonicalChange(change)).toString()).toBe(
      '{"at":"2026-11-26T02:00:00.123456Z","key":"2026-000001","payload":{"a":"中","list":[1.5,"x"],"n":null,"z":1},"pos":"9007199254740993","topic":"case"}',
    )
    const turned = Object.fromEntries(Object.entries(change).reverse())
    expect(canonicalChange(turned as unknown as typeof change)).toEqual(canonicalChange(change))
  })
  test('changes with each of its parts', () => {
    const leaf = leafOf(change)
    for (const other of [
      { pos: '1' },
      { at: '2026-11-26T02:00:00.123457Z' },
      { topic: 'look' },
      { key: 'x' },
      { payload: {} },
    ])
      expect(leafOf({ ...change, ...other })).not.toEqual(leaf)
  })
})
