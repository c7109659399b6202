import { describe, expect, test } from 'vitest'
import { MACHINE_REASONS, machineReasons } from '../../core/machine-reason.ts'
import { PICTURE_FAULTS, pictureFaults } from '../../core/picture-fault.ts'
import { detailsOf, refusalOf } from '../../core/refusal.ts'
import { told, toldShape } from '../../core/told.ts'

describe('why an error was thrown', () => {
  test('is its code with the texts and numbers beside it, and comes back as details', () => {
    const why = refusalOf({ why: 'has_case', no: '7', n: 2, list: [1], none: null })
    expect(why).toEqual(told('has_case', { no: '7', n: 2 }))
    expect(refusalOf(detailsOf(why))).toEqual(why)
    expect(refusalOf({ no: '7' })).toBeNull()
    expect(refusalOf(undefined)).toBeNull()
    expect(detailsOf(null)).toEqual({})
  })

  test('always fits the line: long texts are cut, and what cannot be a code is none', () => {
    expect(toldShape.parse(refusalOf({ why: 'a', text: 'x'.repeat(5_000) })).facts.text).toHaveLength(200)
    expect(refusalOf({ why: 'x'.repeat(65) })).toBeNull()
  })
})

describe('why a picture is not there', () => {
  const facts = {
    ...{ ms: '4000', camera: 'yard', at: '2026-11-20T02:41:07.000Z', times: '5', worker: 'w-1' },
    ...{ from: '2026-11-20T02:41:07.000Z', to: '2026-11-20T02:41:27.000Z' },
  }
  test.each(Object.keys(PICTURE_FAULTS) as (keyof typeof PICTURE_FAULTS)[])(
    'is read as it was written: %s',
    (code) => {
      const read = pictureFaults.read(pictureFaults.write(code, facts))
      expect(read?.code).toBe(code)
      expect(facts).toMatchObject(read?.facts ?? {})
      expect(pictureFaults.write(code, read?.facts)).toBe(pictureFaults.write(code, facts))
    },
  )

  test('is the last of several, and null in words of another program', () => {
    expect(pictureFaults.read('ffmpeg: exit 1; a: b; no worker holds the camera')).toEqual(told('nobody'))
    expect(pictureFaults.read('not in my ring; worker w-1, whose disk has the recording, is away')).toEqual(
      told('worker_away', { worker: 'w-1' }),
    )
    for (const other of ['', 'ffmpeg: exit 1', 'no worker holds the camera; ffmpeg: exit 1', null])
      expect(pictureFaults.read(other)).toBeNull()
  })
})

describe('a reason that the program gives', () => {
  const facts = { id: 'a-1', at: '2026-11-20T02:41:07.000Z', file: '/etc/sharp-eyes/city.yaml' }
  test.each(Object.keys(MACHINE_REASONS) as (keyof typeof MACHINE_REASONS)[])(
    'is read as it was written: %s',
    (code) => expect(machineReasons.read(machineReasons.write(code, facts))).toMatchObject({ code }),
  )
  test('of a start is the word that older rows hold', () => {
    expect(machineReasons.write('at_start')).toBe('start')
    expect(machineReasons.read('start')).toEqual(told('at_start'))
  })
  test('is not found in the words of people', () => {
    const said = [
      '核实',
      'seen at the review date',
      'start of the works',
      'kept as evidence of theft',
      'from the police',
      '',
    ]
    for (const words of [...said, 'attachment is missing']) expect(machineReasons.read(words)).toBeNull()
  })
})
