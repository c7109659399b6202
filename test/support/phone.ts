import { join, resolve } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const executable = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
export const BUILT_WEB = join(resolve(import.meta.dirname, '../..'), 'dashboard-api', 'web', 'dist')

/** A phone's browser with a profile on disk: what it keeps outlives the process. `folder` is the profile. */
export async function launchPhone(
  folder: string,
  baseURL: string,
  viewport = { width: 390, height: 844 },
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: executable,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage', '--disable-gpu'],
    baseURL,
    viewport,
    hasTouch: true,
    isMobile: true,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  })
  const page = context.pages()[0] ?? (await context.newPage())
  page.setDefaultTimeout(20_000)
  return { context, page }
}
