import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { openPage } from '../support/browser.ts'
import { PASSWORD } from './city.ts'

/** Logs in on the page, as a person does. */
export async function logIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('用户名').fill(name)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('button', { name }).waitFor()
}

/** A person at a browser of their own, logged in. */
export async function enter(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await openPage(browser, url)
  await logIn(page, name)
  return page
}

/** The reader's own eyes: it is on screen, its bytes have come, and it is a picture with a size. */
export async function expectPicture(image: Locator): Promise<void> {
  await image.waitFor()
  await expect.poll(() => numberOf(image, 'naturalWidth'), { timeout: 60_000 }).toBeGreaterThan(0)
  const box = await image.boundingBox()
  expect(box?.width).toBeGreaterThan(0)
  expect(box?.height).toBeGreaterThan(0)
}

/** Opens a move of the case on screen, fills its words, does what `more` does, and sends it. */
export async function makeMove(
  page: Page,
  name: string,
  words: string,
  more: (form: Locator) => Promise<void> = async () => undefined,
): Promise<void> {
  await page.getByRole('region', { name: '办理' }).getByRole('button', { name }).first().click()
  const form = page.getByRole('region', { name, exact: true })
  await form.getByRole('textbox').fill(words)
  await more(form)
  await form.getByRole('button', { name: new RegExp(`^${name}`) }).click()
  await form.waitFor({ state: 'detached' })
}

/** A number that the browser knows of an element: `naturalWidth`, `currentTime`. */
export const numberOf = (element: Locator, property: string): Promise<number> =>
  element.evaluate((node, name) => Reflect.get(node, name) as number, property)
