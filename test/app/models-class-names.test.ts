import { expect, test } from 'vitest'
import { matchNames } from '../../app/models/class-names.ts'

test('names are matched letter for letter, else without case, spaces, _ and -', () => {
  const matched = matchNames(
    ['Fire', 'trash bag', 'Trash-Bag', 'person', '', 'dust'],
    ['fire', 'person', 'trash_bag'],
  )
  expect(matched.labels).toEqual(['fire', 'trash_bag', 'person'])
  expect(matched.leftOut).toEqual(['dust'])
  expect(matched.otherwise).toEqual([
    { name: 'Fire', label: 'fire' },
    { name: 'trash bag', label: 'trash_bag' },
    { name: 'Trash-Bag', label: 'trash_bag' },
  ])
  expect(matched.labelOf('FIRE')).toBe('fire')
  expect(matched.labelOf('dust')).toBeNull()
})

test('a name that may be two classes of the model is neither; one that is written so is itself', () => {
  const labels = ['Fire', 'fire']
  expect(matchNames(['fire'], labels).labels).toEqual(['fire'])
  expect(matchNames(['FIRE'], labels)).toMatchObject({ labels: [], leftOut: ['FIRE'] })
})
