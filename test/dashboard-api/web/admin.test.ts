import { describe, expect, it } from 'vitest'
import { bodyDifferences, cleanBody } from '../../../dashboard-api/web/src/admin/difference.ts'
import { type Placed, positionBefore } from '../../../dashboard-api/web/src/admin/route-order.ts'

describe('what differs between two bodies', () => {
  it('is said value by value, objects by their keys, lists of objects place by place', () => {
    const before = {
      name: { zh: '生态局', en: 'Ecology' },
      channels: [{ kind: 'email', to: ['a@b.example'] }],
      roles: ['operator'],
      accept: '2h',
    }
    const after = {
      name: { zh: '生态环境局', en: 'Ecology' },
      channels: [{ to: ['a@b.example'], kind: 'email' }, { kind: 'webhook' }],
      roles: ['operator', 'admin'],
    }
    expect(bodyDifferences(before, after)).toEqual([
      { path: 'name.zh', before: '生态局', after: '生态环境局' },
      { path: 'channels.1', before: undefined, after: { kind: 'webhook' } },
      { path: 'roles', before: ['operator'], after: ['operator', 'admin'] },
      { path: 'accept', before: '2h', after: undefined },
    ])
  })

  it('is nothing where one side leaves out what the other says is empty, and counts nested keys of what is new', () => {
    expect(bodyDifferences({ id: 'a', channels: [] }, { id: 'a' })).toEqual([])
    expect(bodyDifferences({}, { when: { type: ['fire'] } })).toEqual([
      { path: 'when.type', before: undefined, after: ['fire'] },
    ])
    expect(bodyDifferences({ when: { type: ['fire'] } }, {})).toEqual([
      { path: 'when.type', before: ['fire'], after: undefined },
    ])
  })

  it('a form sends no empty keys, and keeps false, nought and what it does not know', () => {
    expect(
      cleanBody({
        lead: 'a',
        accept: '',
        assist: [],
        when: { type: [], grid: undefined },
        x: 0,
        y: false,
        z: null,
      }),
    ).toEqual({ lead: 'a', x: 0, y: false })
  })
})

const route = (id: string, position: number, managedBy: 'file' | 'desk'): Placed => ({
  id,
  position,
  managedBy,
})

describe('the place of a route', () => {
  const routes = [
    route('route-001', 0, 'file'),
    route('route-002', 1, 'file'),
    route('mine', 2, 'desk'),
    route('route-003', 2, 'file'),
  ]
  it('is before any other, or at the end', () => {
    expect(positionBefore(routes, 'mine', 'route-001')).toBe(0)
    expect(positionBefore(routes, 'mine', 'route-002')).toBe(1)
    expect(positionBefore(routes, 'mine', 'route-003')).toBe(2)
    expect(positionBefore(routes, 'mine', null)).toBe(3)
    expect(positionBefore([], 'mine', null)).toBe(0)
  })
  it('is none before what is not there, and between two of the desk only as their ids allow', () => {
    const two = [...routes, route('other', 2, 'desk')]
    expect(positionBefore(two, 'mine', 'nowhere')).toBeNull()
    expect(positionBefore(two, 'mine', 'other')).toBe(2)
    expect(positionBefore(two, 'other', 'mine')).toBeNull()
    expect(positionBefore(two, 'other', 'route-002')).toBe(1)
  })
})
