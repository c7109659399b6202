import { mkdir, rm, writeFile } from 'node:fs/promises'
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
  ['2 0.5 0.5 0.1 0.1', /a\.txt:1: class 2 is not in classes\.txt, which has 2, counted from 0/],
  ['-1 0.5 0.5 0.1 0.1', /class -1 is not in classes\.txt/],
  ['fire 0.5 0.5 0.1 0.1', /class fire is not in classes\.txt/],
  ['0.5 0.5 0.5 0.1 0.1', /class 0\.5 is not in classes\.txt/],
  ['\n0 0.5 0.5 0.1', /a\.txt:2: has 4 values, but a box is "class x y width height"/],
  ['0 0.5 0.5 0.1 0.1 0.9', /has 6 values, .* a score is left out/],
  ['0 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2', /has 9 values, .* an outline made into the box around it/],
  ['0 0.5 320 0.1 0.1', /"0 0\.5 320 0\.1 0\.1" is not .* shares from 0 to 1; pixels are divided/],
  ['0 0.5 nan 0.1 0.1', /shares from 0 to 1/],
  ['0 0.5 0.5 1.02 0.1', /shares from 0 to 1/],
  ['\x000 0.5', /a\.txt: is no UTF-8 text/],
])('a line that is none is named: %j', async (line, message) => {
  await using folder = await folderOf('fire\nsmoke', { 'a.txt': line }, ['a.jpg'])
  await expect(readLabelled(folder.path)).rejects.toThrow(message)
})

test('a byte order mark, blank lines, Windows line ends and a side rounded beyond the edge are read', async () => {
  const text = '\uFEFF0 0.5 0.5 1.000001 1\r\n\r\n'
  await using folder = await folderOf('\uFEFFfire\r\n\r\n', { 'a.txt': text }, ['a.JPG'])
  const { classes, pictures, warnings } = await readLabelled(folder.path)
  expect(classes).toEqual(['fire'])
  expect(pictures.map(({ truth }) => truth.map(({ label }) => label))).toEqual([['fire']])
  expect(warnings).toEqual([])
})

test('a blank line of classes.txt has its number, which no box may have', async () => {
  await using folder = await folderOf('fire\n\nsmoke', { 'a.txt': '2 0.5 0.5 0.1 0.1' }, ['a.jpg'])
  const { pictures } = await readLabelled(folder.path)
  expect(pictures[0]?.truth[0]?.label).toBe('smoke')
  await writeFile(join(folder.path, 'labels', 'a.txt'), '1 0.5 0.5 0.1 0.1')
  await expect(readLabelled(folder.path)).rejects.toThrow(/class 1 is line 2 of classes\.txt, which is blank/)
})

test('what is passed over, or taken for a picture without a box, is said', async () => {
  const box = '0 0.5 0.5 0.1 0.1'
  const labels = { 'a.txt': '0 0.5 0.5 0 0.1', 'c.txt': box, 'd.TXT': box, 'classes.txt': 'fire' }
  const images = ['a.jpg', 'b.jpg', 'c.bmp', 'd.png', '.a.jpg']
  await using folder = await folderOf('fire', labels, images)
  const { pictures, warnings } = await readLabelled(folder.path)
  expect(pictures.map(({ truth }) => truth.length)).toEqual([1, 0, 0])
  expect(warnings).toEqual([
    expect.stringMatching(/^1 of .*images left out, as no jpg, png or webp: c\.bmp$/),
    expect.stringMatching(/^2 of .*images without a file in labels\/ taken for .*: b\.jpg, d\.png$/),
    expect.stringMatching(
      /^2 of .*labels left out, as no picture of that name is in images\/: c\.txt, d\.TXT$/,
    ),
    expect.stringMatching(/^1 with a box of no width or height, .*: .*a\.txt$/),
  ])
  await rm(join(folder.path, 'labels'), { recursive: true })
  const without = await readLabelled(folder.path)
  expect(without.warnings[1]).toMatch(/labels is not there: every picture counts as one without a box/)
})

test('a folder without pictures or classes is refused with what it wants', async () => {
  await using empty = await folderOf('fire', {}, [])
  await expect(readLabelled(empty.path)).rejects.toThrow(
    `--data ${empty.path}: images/ holds no picture; put jpg, png or webp files there, or name another folder`,
  )
  await expect(readLabelled(join(empty.path, 'images'))).rejects.toThrow(
    /classes\.txt: is not there; --data wants a folder with images\/ .*labels\/ .*classes\.txt/,
  )
  for (const none of ['nope', 'classes.txt']) {
    const path = join(empty.path, none)
    await expect(readLabelled(path)).rejects.toThrow(
      `--data ${path}: is no folder; name one that holds images/ (jpg, png, webp), labels/ (YOLO text`,
    )
  }
  await rm(join(empty.path, 'images'), { recursive: true })
  await expect(readLabelled(empty.path)).rejects.toThrow(/images: is not there; --data wants a folder with/)
})
