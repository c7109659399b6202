import { expect, test } from 'vitest'
import { workerNames } from '../../../dashboard-api/web/src/health/worker-name.ts'

const shown = (...names: string[]) => [...workerNames(names).values()]

test('a worker is called by its machine where that tells it apart', () => {
  expect(shown('vision-1:/var/lib/sharp-eyes', 'vision-2:/var/lib/sharp-eyes', 'w3')).toEqual([
    'vision-1',
    'vision-2',
    'w3',
  ])
})

test('two on one machine are told apart by the folder, and by the whole path where that is alike', () => {
  expect(shown('a:/data/east', 'a:/data/west')).toEqual(['a · east', 'a · west'])
  expect(shown('a:/one/data', 'a:/two/data')).toEqual(['a:/one/data', 'a:/two/data'])
})
