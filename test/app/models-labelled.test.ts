import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readLabelled } from '../../app/models/labelled.ts'
import { tempFolder } from '../support/temp-folder.ts'

async function folderOf(
  classes: string,
  labels: Readonly<Record<string, string>>,
  images: readonly string[],
) {
  const folder = await tempFolder()
  await mkdir(join(folder.path, 'images'))
  await mkdir(join(folder.path, 'labels'))
  await writeFile(join(folder.path, 'classes.txt'), classes)
  for (const image of images) await writeFile(join(folder.path, 'images', image), '')
  for (const [name, text] of Object.entries(labels)) await writeFile(join(folder.path, 'labels', name), text)
  return folder
}

test('boxes become shares from corner to corner; a picture without a label file shows nothing', async () => {
  await using folder = await folderOf('fire\r\nsmoke\n', { 'a.txt': '1 0.5 0.5 0.2 0.4\n\n' }, [
    'b.png',
    'a.jpg',
    'notes.txt',
  ])
  const { classes, pictures } = await readLabelled(folder.path)
  expect(classes).toEqual(['fire', 'smoke'])
  expect(pictures.map(({ truth }) => truth.length)).toEqual([1, 0])
  const [first] = pictures
  expect(first?.truth[0]?.label).toBe('smoke')
  for (const [index, side] of [0.4, 0.3, 0.6, 0.7].entries())
    expect(first?.truth[0]?.box[index]).toBeCloseTo(side, 9)
})

test.each([
  ['2 0.5 0.5 0.1 0.1', /a\.txt:1: class 2 is not in classes\.txt, which has 2/],
  ['0 0.5 0.5 0.1', /a\.txt:1: "0 0\.5 0\.5 0\.1" is not "class x y width height"/],
  ['0 0.5 320 0.1 0.1', /shares from 0 to 1/],
  ['0.5 0.5 0.5 0.1 0.1', /class 0\.5 is not in classes\.txt/],
])('a line that is none is named: %s', async (line, message) => {
  await using folder = await folderOf('fire\nsmoke', { 'a.txt': line }, ['a.jpg'])
  await expect(readLabelled(folder.path)).rejects.toThrow(message)
})

test('a folder without pictures or classes is refused with what it wants', async () => {
  await using empty = await folderOf('fire', {}, [])
  await expect(readLabelled(empty.path)).rejects.toThrow(/images holds no picture/)
  await expect(readLabelled(join(empty.path, 'images'))).rejects.toThrow(/classes\.txt: is not there/)
})
