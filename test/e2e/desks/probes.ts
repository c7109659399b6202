import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What may be wider than the page: it scrolls by itself (check 20: picture, timeline, table, and the bar of places). */
const WIDE = '.table-scroll, .topbar nav, .time-band, canvas, video, .live-stage, .heat, .uplot'

const CONTROLS =
  'button, a[href], input:not([type="hidden"]):not([type="file"]), select, textarea, summary, [role="tab"], [role="switch"]'

/**
 * Controls that nobody could use: outside the page, cut off by what is around them, or under something else; and
 * what makes the page scroll sideways. Each control is scrolled to first, as the keyboard does.
 */
const LOST = `(() => {
  const faults = []
  const wide = (element) => element.closest(${JSON.stringify(WIDE)}) !== null
  const name = (element) => element.tagName.toLowerCase() + '.' + String(element.className?.baseVal ?? element.className).split(' ').slice(0, 2).join('.') + ' "' + (element.getAttribute('aria-label') || element.textContent || '').trim().slice(0, 30) + '"'
  const widest = (of) => [...of.querySelectorAll('*')].filter((each) => !wide(each)).reduce((most, each) => each.getBoundingClientRect().right > most.getBoundingClientRect().right ? each : most, of)
  for (const each of document.querySelectorAll('html, body, main, main *')) {
    const sideways = each === document.documentElement || each === document.body || /auto|scroll/.test(getComputedStyle(each).overflowX)
    if (sideways && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 && !wide(each) && each.tagName !== 'TEXTAREA')
      faults.push('sideways by ' + (each.scrollWidth - each.clientWidth) + ': ' + name(each) + ', widest is ' + name(widest(each)))
  }
  for (const each of document.querySelectorAll(${JSON.stringify(CONTROLS)})) {
    if (!each.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || wide(each)) continue
    if (each.matches('.skip, .sr-only') || each.closest('.sr-only, [inert]')) continue
    if (each.matches('input[type="radio"], input[type="checkbox"]') && each.closest('label, .ant-radio, .ant-checkbox')) continue
    if (each.closest('.ant-select')) continue
    each.scrollIntoView({ block: 'center', inline: 'nearest' })
    const box = each.getBoundingClientRect()
    if (box.width < 1 || box.height < 1) continue
    if (box.left < -1 || box.right > innerWidth + 1) { faults.push('outside ' + Math.round(box.left) + '..' + Math.round(box.right) + ': ' + name(each)); continue }
    if (box.height > innerHeight) continue
    const line = each.getClientRects()[0]
    const hit = document.elementFromPoint(line.left + line.width / 2, line.top + line.height / 2)
    if (!hit || !(each.contains(hit) || hit.contains(each) && !/auto|hidden|scroll/.test(getComputedStyle(hit).overflow) || each.labels && [...each.labels].some((label) => label.contains(hit))))
      faults.push('under ' + (hit ? name(hit) : 'nothing') + ': ' + name(each))
  }
  return [...new Set(faults)].slice(0, 8)
})()`

export const lostControls = (page: Page): Promise<readonly string[]> => page.evaluate(LOST)

/** All words that the page shows or says to a screen reader, but for those of elements marked as another language. */
const WORDS = `(() => {
  const other = (element) => { const marked = element.closest('[lang]'); return marked !== null && marked !== document.documentElement }
  const words = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node.parentElement && !node.parentElement.closest('script, style, noscript') && !other(node.parentElement)) words.push(node.textContent.trim())
  for (const each of document.querySelectorAll('body *'))
    for (const attribute of ['aria-label', 'title', 'placeholder', 'alt'])
      if (each.hasAttribute(attribute) && !other(each)) words.push(each.getAttribute(attribute).trim())
  words.push(document.title)
  return [...new Set(words.filter((text) => text !== ''))]
})()`

export const shownWords = (page: Page): Promise<readonly string[]> => page.evaluate(WORDS)

/**
 * Gives the focus to each control in turn, as the keyboard does (a key was the last thing that happened), and says which
 * show nothing of it: neither they nor what is around or in them looks other than without the focus.
 */
const UNSEEN = `(async () => {
  const name = (e) => e.tagName.toLowerCase() + '.' + String(e.className?.baseVal ?? e.className).split(' ')[0] + ' "' + (e.getAttribute('aria-label') || e.textContent || e.id || '').trim().slice(0, 30) + '"'
  const around = (e) => [e, e.parentElement, e.parentElement?.parentElement, e.parentElement?.parentElement?.parentElement, ...e.parentElement.querySelectorAll('*')].filter(Boolean).slice(0, 40)
  const look = (e) => around(e).map((each) => {
    const style = getComputedStyle(each)
    return [style.outlineStyle === 'none' || style.outlineWidth === '0px' ? '' : style.outline, style.boxShadow, style.borderColor, style.stroke, style.opacity].join()
  }).join('|')
  const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert]'))
  const unseen = []
  let seen = 0
  for (const each of controls) {
    const seenOf = async (wait) => {
      document.activeElement?.blur()
      await wait()
      const before = look(each)
      each.focus()
      await wait()
      return document.activeElement !== each || look(each) !== before
    }
    // Most show it at once; some (antd's lists of choice) draw it themselves, in the next frames.
    const shown = await seenOf(async () => undefined) || await seenOf(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    if (document.activeElement !== each) continue
    const box = each.getBoundingClientRect()
    const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth
    if (!shown || !inside) unseen.push(name(each) + (inside ? '' : ' outside the window'))
    else seen += 1
  }
  return { seen, unseen }
})()`

export const focusOf = (page: Page): Promise<{ readonly seen: number; readonly unseen: readonly string[] }> =>
  page.evaluate(UNSEEN)

/** What goes on and off by itself for good: cycles a second of each, with its element. Turning and moving is none. */
const FLASHING = `document.getAnimations().flatMap((animation) => {
  const { effect } = animation
  const { iterations, duration, direction } = effect.getComputedTiming()
  const flashes = effect.getKeyframes().some((frame) => Object.keys(frame).some((key) => /opacity|visibility|color|background|filter|display/i.test(key)))
  if (iterations <= 3 || !flashes) return []
  return [{ element: effect.target?.className ?? '', hertz: 1000 / (Number(duration) * (/alternate/.test(direction) ? 2 : 1)) }]
})`

export const flashingOf = (page: Page): Promise<readonly { readonly hertz: number }[]> =>
  page.evaluate(FLASHING)

/** Rules, with where and why, of what axe calls serious or critical. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  if (passes.length <= 5) throw new Error(`axe has looked at nothing on ${page.url()}`)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ target, any }) => `${id} ${target.join(' ')} ${any[0]?.message ?? ''}`),
    )
}
