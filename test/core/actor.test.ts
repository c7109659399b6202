import { describe, expect, test } from 'vitest'
import { isReservedName, MACHINE_ACTORS } from '../../core/actor.ts'
import { versionActorKind } from '../../core/config/author.ts'
import { MACHINE_REASONS, machineReasons, readMachineReason } from '../../core/machine-reason.ts'

describe('a name that reads as the machine', () => {
  test('is reserved, in any case of letters', () => {
    for (const name of [...MACHINE_ACTORS, 'system', 'machine', 'Timer', 'SYSTEM'])
      expect(isReservedName(name), name).toBe(true)
    for (const name of ['timer.duty', 'starter', 'operator', 'auto-file', '']) {
      expect(isReservedName(name), name).toBe(false)
    }
  })
})

describe('a version of the configuration', () => {
  const applied = 'apply -f city.yaml'
  test.each([
    ['start', 'start', true, 'machine'],
    ['start', 'first log-in', false, 'machine'],
    // The server has a user of this name, too.
    ['start', applied, true, 'command_line'],
    ['root', applied, true, 'command_line'],
    ['root', 'start', true, 'command_line'],
    // Accounts, and whatever they wrote.
    ['start', 'start', false, 'person'],
    ['lin', 'start', false, 'person'],
    ['lin', 'first log-in', false, 'person'],
    ['root', applied, false, 'person'],
  ] as const)('of %s, "%s", from the file: %s → %s', (actor, reason, fromFile, kind) => {
    expect(versionActorKind({ actor, reason, fromFile })).toBe(kind)
  })
})

describe('a reason of the program', () => {
  test('is read in the entries that the program writes it in, and nowhere in the words of people', () => {
    const facts = { id: 'a-1', at: '2026-11-20T02:41:07.000Z', file: 'city.yaml' }
    const codes = Object.keys(MACHINE_REASONS) as (keyof typeof MACHINE_REASONS)[]
    const readIn = ['machine', 'command_line', 'look.still', 'look.recording', 'look.attachment'] as const
    for (const code of codes) {
      const text = machineReasons.write(code, facts)
      expect(readMachineReason(text, 'person'), code).toBeNull()
      expect(readMachineReason(text, 'look.original'), code).toBeNull()
      expect(
        readIn.flatMap((of) => readMachineReason(text, of)?.code ?? []),
        code,
      ).toEqual([code])
    }
  })
  test('depends on who wrote it, not on its words alone', () => {
    expect(readMachineReason('start', 'machine')).toMatchObject({ code: 'at_start' })
    expect(readMachineReason('start', 'person')).toBeNull()
    expect(readMachineReason('核实', 'machine')).toBeNull()
  })
})
