import { describe, expect, it } from 'vitest'
import type { Point } from '../../../core/geometry.ts'
import { differences } from '../../../dashboard-api/web/src/rules/diff.ts'
import { parseRuleDraft } from '../../../dashboard-api/web/src/rules/draft.ts'
import {
  canTravel,
  type EditorAction,
  type EditorState,
  editorStep,
  startEditor,
} from '../../../dashboard-api/web/src/rules/editor.ts'
import { faultsOf, nameFault } from '../../../dashboard-api/web/src/rules/faults.ts'
import { type RuleSet, withZoneName } from '../../../dashboard-api/web/src/rules/model.ts'
import { snap } from '../../../dashboard-api/web/src/rules/snap.ts'

const LANE: readonly Point[] = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]] // biome-ignore format: one shape
const SET: RuleSet = {
  zones: { lane: LANE },
  privacy: [],
  rules: [{ id: 'stop', type: 'lane_blocked', zone: 'lane', for: '2m' }],
}
const play = (state: EditorState, ...actions: readonly EditorAction[]) => actions.reduce(editorStep, state)
const lane = (state: EditorState) => state.set.zones.lane

describe('the editor', () => {
  it('draws five points, moves one, takes it back and does it again', () => {
    const corners = [[0.2, 0.2], [0.4, 0.2], [0.5, 0.3], [0.4, 0.4], [0.2, 0.4]] as const // biome-ignore format: one shape
    const drawn = play(
      startEditor(SET),
      { do: 'draw', kind: 'zone' },
      ...corners.map((at) => ({ do: 'add', at }) as const),
      { do: 'close' },
    )
    expect(drawn.set.zones['zone-1']).toEqual(corners)
    const move = (x: number): EditorAction => ({ do: 'move', point: 2, to: [x, 0.3], run: 'arrows' })
    const moved = play(drawn, { do: 'select', key: 'zone:zone-1', point: 2 }, move(0.502), move(0.504))
    expect(moved.set.zones['zone-1']?.[2]).toEqual([0.504, 0.3])
    // One run of moves is one step.
    const back = play(moved, { do: 'undo' })
    expect(back.set.zones['zone-1']).toEqual(corners)
    expect(play(back, { do: 'redo' }).set.zones['zone-1']?.[2]).toEqual([0.504, 0.3])
    // Further back: point by point.
    expect(play(back, { do: 'undo' }).set.zones['zone-1']).toEqual(corners.slice(0, 4))
  })

  it('keeps undo within its shape', () => {
    const state = play(
      startEditor(SET),
      { do: 'select', key: 'zone:lane' },
      { do: 'insert', after: 0, at: [0.3, 0.05] },
      { do: 'draw', kind: 'privacy' },
      { do: 'add', at: [0.9, 0.9] },
    )
    expect(canTravel(state, 'back')).toBe(true)
    const back = play(state, { do: 'undo' }, { do: 'undo' }, { do: 'undo' })
    expect(back.set.privacy).toEqual([[]])
    expect(lane(back)).toHaveLength(5)
  })

  it('leaves the point, then the shape; a drawing that is left keeps its points', () => {
    const chosen = play(startEditor(SET), { do: 'select', key: 'zone:lane', point: 1 })
    const once = play(chosen, { do: 'leave' })
    expect([once.selected, once.point]).toEqual(['zone:lane', null])
    expect(play(once, { do: 'leave' }).selected).toBeNull()
    const drawing = play(startEditor(SET), { do: 'draw', kind: 'zone' }, { do: 'add', at: [0.2, 0.2] })
    const left = play(drawing, { do: 'leave' })
    expect([left.drawing, left.set.zones['zone-1']]).toEqual([false, [[0.2, 0.2]]])
    const empty = play(startEditor(SET), { do: 'draw', kind: 'zone' }, { do: 'leave' })
    expect(empty.set).toEqual(SET)
  })

  it('takes a point out, goes on to its neighbour, and never leaves the picture', () => {
    const state = play(startEditor(SET), { do: 'select', key: 'zone:lane', point: 3 })
    const removed = play(state, { do: 'removePoint', point: 3 })
    expect([lane(removed), removed.point]).toEqual([LANE.slice(0, 3), 2])
    const outside = play(state, { do: 'move', point: 0, to: [-3, 9], run: 'drag' })
    expect(lane(outside)?.[0]).toEqual([0, 1])
  })

  it('renames a zone with the rules that name it', () => {
    const state = play(
      startEditor(SET),
      { do: 'select', key: 'zone:lane' },
      { do: 'rename', from: 'lane', to: 'gate' },
    )
    expect(state.set.rules[0]?.zone).toBe('gate')
    expect([Object.keys(state.set.zones), state.selected]).toEqual([['gate'], 'zone:gate'])
  })
})

describe('what is refused before it is sent', () => {
  const codes = (set: RuleSet) => faultsOf(set).map(({ at, code }) => `${at} ${code}`)
  const withLane = (points: readonly Point[]) => ({ ...SET, zones: { lane: points } })

  it('names shapes that are none', () => {
    expect(codes(SET)).toEqual([])
    expect(codes(withLane(LANE.slice(0, 2)))).toEqual(['zone:lane points'])
    expect(codes(withLane([[0.1, 0.1], [0.5, 0.5], [0.5, 0.1], [0.1, 0.5]]))).toEqual(['zone:lane crosses']) // biome-ignore format: one shape
    expect(codes(withLane([[0.1, 0.1], [0.5, 0.5], [1.5, 0.1]]))).toEqual(['zone:lane outside']) // biome-ignore format: one shape
    expect(codes(withLane([[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]]))).toEqual(['zone:lane noArea']) // biome-ignore format: one shape
  })

  it('names the keys of rules', () => {
    const rule = (more: object) =>
      codes({ ...SET, rules: [{ id: 'a', type: 'crowding', limit: 3, ...more }] })
    expect(rule({})).toEqual([])
    expect(rule({ limit: undefined })).toEqual(['rule:a:limit needed'])
    expect(rule({ limit: 0.5 })).toEqual(['rule:a:limit limits'])
    expect(rule({ score: 1.2, for: 'soon' })).toEqual(['rule:a:for limits', 'rule:a:score limits'])
    expect(rule({ zone: 'gone', hours: '9-5' })).toEqual(['rule:a:zone zoneGone', 'rule:a:hours hoursBad'])
    expect(rule({ type: 'plume', darkness: 2 })).toEqual(['rule:a:zone zoneNeeded'])
  })

  it('names taken and impossible names', () => {
    const set = { ...SET, zones: { lane: LANE, gate: LANE } }
    expect(nameFault(set, 'lane', 'gate')).toBe('nameTaken')
    expect(nameFault(set, 'lane', '消防')).toBe('nameBad')
    expect(nameFault(set, 'lane', 'lane')).toBeNull()
  })
})

it('snaps to corners first, then to sides and the frame, within ten pixels', () => {
  const size = { width: 1_000, height: 500 }
  expect(snap([0.105, 0.112], [LANE], size)).toEqual([0.1, 0.1])
  expect(snap([0.3, 0.112], [LANE], size)).toEqual([0.3, 0.1])
  expect(snap([0.3, 0.13], [LANE], size)).toEqual([0.3, 0.13])
  expect(snap([0.7, 0.99], [], size)).toEqual([0.7, 1])
})

it('says the differences of two versions', () => {
  expect(differences(SET, SET)).toEqual([])
  const after: RuleSet = {
    zones: { lane: LANE.slice(0, 3), sky: LANE },
    privacy: [LANE],
    rules: [
      { id: 'stop', type: 'lane_blocked', zone: 'lane', for: '3m', enabled: false },
      { id: 'fire', type: 'fire' },
    ],
  }
  expect(differences(SET, after)).toMatchObject([
    { kind: 'zoneChanged', name: 'lane', from: 4, to: 3 },
    { kind: 'zoneAdded', name: 'sky', points: 4 },
    { kind: 'privacyChanged', from: 0, to: 1 },
    { kind: 'ruleChanged', id: 'stop', key: 'for', before: '2m', after: '3m' },
    { kind: 'ruleChanged', id: 'stop', key: 'enabled', before: undefined, after: false },
    { kind: 'ruleAdded', id: 'fire' },
  ])
  expect(differences(after, SET).map(({ kind }) => kind)).toContain('ruleRemoved')
})

it('reads a draft back, and nothing that is none', () => {
  const draft = { version: 3, base: SET, set: withZoneName(SET, 'lane', 'gate') }
  expect(parseRuleDraft(JSON.stringify(draft))).toEqual(draft)
  for (const text of [
    null,
    '',
    '{',
    '[]',
    '{"version":1}',
    JSON.stringify({ ...draft, set: { zones: { a: [['x']] } } }),
  ])
    expect(parseRuleDraft(text)).toBeNull()
})
