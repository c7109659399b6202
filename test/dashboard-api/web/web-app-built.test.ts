import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../../support/temp-folder.ts'
import { isOutdated } from '../../support/web-app.ts'

test('the browser app of tests is outdated when it is missing or a source is newer; what was built is no source', async () => {
  await using folder = await tempFolder()
  const put = async (name: string, seconds: number) => {
    const path = join(folder.path, name)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, name)
    await utimes(path, seconds, seconds)
    return path
  }
  const sources = [join(folder.path, 'web'), join(folder.path, 'lock.json'), join(folder.path, 'nowhere')]
  await put('web/src/deep/page.tsx', 100)
  const built = join(folder.path, 'web/dist/index.html')
  expect(isOutdated(built, sources)).toBe(true)
  await put('web/dist/index.html', 200)
  await put('web/dist/assets/late.js', 900)
  expect(isOutdated(built, sources)).toBe(false)
  await put('web/src/deep/page.tsx', 300)
  expect(isOutdated(built, sources)).toBe(true)
  await put('web/src/deep/page.tsx', 100)
  await put('lock.json', 300)
  expect(isOutdated(built, sources)).toBe(true)
})
