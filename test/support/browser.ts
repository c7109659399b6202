import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { onPath } from './services.ts'

export { ensureWebApp } from './web-app.ts'

const executable = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** For `missingService('Chromium (apt: chromium)', hasChromium())`. */
export const hasChromium = (): boolean => existsSync(executable) || onPath(executable)

/** A real Chromium that calls nobody but the page's own server. `webgl`: it draws maps, on the processor. */
export const launchChromium = ({ webgl = false }: { readonly webgl?: boolean } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: executable,
    args: [
      '--no-sandbox', // tests run as root in containers
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-dev-shm-usage',
      ...(webgl ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'] : ['--disable-gpu']),
    ],
  })

/** A page of a person of their own: cookies are not shared. In Chinese, as the city works. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: url,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1366, height: 768 },
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  return page
}

/**
 * Runs one step of a story. When it fails, every open page is photographed, and the error names the step and the files.
 */
export async function step<T>(browser: Browser, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-screens-'))
    const pages = browser.contexts().flatMap((context) => context.pages())
    const files = await Promise.all(
      pages.map(async (page, index) => {
        const path = join(folder, `${index}.png`)
        const taken = await page.screenshot({ path, timeout: 20_000 }).catch((failure: Error) => failure)
        return `${page.url()} ${taken instanceof Error ? taken.message : path}`
      }),
    )
    throw new Error(`${name}: ${(error as Error).message}\n${files.join('\n')}`, { cause: error })
  }
}
