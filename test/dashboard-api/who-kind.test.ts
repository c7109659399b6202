import { expect, test } from 'vitest'
import { type AuthorFacts, whoKind } from '../../dashboard-api/audit/who-kind.ts'

const NOTHING: AuthorFacts = {
  ...{ topic: 'case', who: null, reason: null, actorKind: null, managedBy: null, change: null },
}

test.each([
  ['nobody named', {}, 'machine'],
  ['a case row that says it', { who: 'timer', actorKind: 'machine' }, 'machine'],
  ['the same name as an account', { who: 'timer', actorKind: 'person' }, 'person'],
  ['a case row of before, its log gone', { who: 'delivery' }, 'machine'],
  ['the same of a person', { who: 'lin' }, 'person'],
  ['a look', { topic: 'look', who: 'inbox' }, 'person'],
  ['a verdict', { topic: 'alert', who: 'route' }, 'person'],
  ['the retention of the log', { topic: 'audit', who: 'timer' }, 'machine'],
  [
    'a start',
    { topic: 'config', who: 'start', reason: 'start', managedBy: 'file', change: 'added' },
    'machine',
  ],
  [
    'a command on the server',
    { topic: 'config', who: 'root', reason: 'apply -f city.yaml', managedBy: 'file', change: 'removed' },
    'command_line',
  ],
  [
    'a person who hands over to the file',
    { topic: 'config', who: 'start', reason: 'start', managedBy: 'file', change: 'handed' },
    'person',
  ],
  [
    'a person at a desk',
    { topic: 'config', who: 'start', reason: 'start', managedBy: 'desk', change: 'added' },
    'person',
  ],
  ['a one-time password', { topic: 'config', who: 'root', change: 'password_reset' }, 'person'],
] as const)('%s', (_, facts, kind) => {
  expect(whoKind({ ...NOTHING, ...facts })).toBe(kind)
})
