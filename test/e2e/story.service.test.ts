import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Locator } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { AlertDetail, CaseDetail } from '../../core/api/shapes.ts'
import { CATALOGUE } from '../../core/catalogue.ts'
import { makeStandingCarFilm, type StandingCarFilm } from '../footage/standing-car.ts'
import { assets } from '../support/assets.ts'
import { ensureWebApp, hasChromium, launchChromium, step } from '../support/browser.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'
import { siteFolder, startSite } from '../support/site.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'
import { PEOPLE, SECRET, writeCity } from './city.ts'
import { enter, expectPicture, makeMove, numberOf } from './people.ts'

const run = promisify(execFile)

const lane = (url: string, { rule, zone }: StandingCarFilm) => ({
  id: 'lane',
  name: { zh: '北门消防通道', en: 'North gate fire lane' },
  purpose: 'public_safety',
  url,
  place: { address: '学府路 1 号', lon: 114.48, lat: 38.03, grid: '130104-017' },
  masking: 'heads',
  zones: { lane: zone },
  rules: [{ id: 'blocked', type: rule, zone: 'lane', for: '15s' }],
})

/**
 * The whole loop on real parts, as people see it: a car stands in a fire lane, the camera's stream, the model, the
 * alert, the case, the department's webhook, the report with a photo, the check, the end.
 */
describe.skipIf(
  missingService(RTSP_SERVICE, hasRtspServer()) ||
    missingService('ffmpeg', onPath('ffmpeg')) ||
    missingService('Chromium (apt: chromium)', hasChromium()),
)('a hazard from the camera to the closed case', () => {
  it('goes through the hands of operator, department and verifier', { timeout: 600_000 }, async () => {
    ensureWebApp()
    await using folder = await siteFolder()
    const film = join(folder.path, 'film.mp4')
    const scene = await makeStandingCarFilm(film)
    const typeName = CATALOGUE[scene.rule].zh
    await using rtsp = await startRtspServer({ mounts: [{ path: '/lane', film, codec: 'h264' }] })
    await using receiver = await startWebhookReceiver(SECRET)
    const city = await writeCity(folder.path, { cameras: [], webhook: receiver.url })
    const data = join(folder.path, 'data')
    const model = scene.rule === 'lane_blocked' ? ['--model', assets.model('coco-yolox-nano-416')] : []
    await using site = await startSite({ data, args: ['--config', city, ...model] })
    await using browser = await launchChromium()

    const operator = await step(browser, 'the operator logs in and sees an empty feed', async () => {
      const page = await enter(browser, site.url, PEOPLE.operator)
      await page.getByText('暂无待核实的告警').waitFor()
      return page
    })

    await writeCity(folder.path, { cameras: [lane(rtsp.url('/lane'), scene)], webhook: receiver.url })
    await site.command('apply', '-f', city)

    const id = await step(browser, 'the alert comes into the feed by itself and is opened', async () => {
      const row = operator.getByRole('option').filter({ hasText: typeName }).first()
      await row.waitFor({ timeout: 150_000 })
      await row.click()
      await operator.waitForURL(/\/alerts\/[0-9a-f-]{36}/)
      await operator.getByRole('heading', { name: `${typeName} 学府路 1 号` }).waitFor()
      return /alerts\/([0-9a-f-]{36})/.exec(operator.url())?.[1] ?? ''
    })

    await step(browser, 'its still is a masked picture with boxes drawn', async () => {
      await expectPicture(operator.getByRole('img', { name: `${typeName}的现场图片` }))
      expect(await operator.locator('.overlay .box').count()).toBeGreaterThan(0)
      const alert: AlertDetail = await (await operator.request.get(`/api/alerts/${id}`)).json()
      expect(alert.stillMethod).toMatch(
        scene.rule === 'lane_blocked' ? /^heads@1:upper-third-of-persons/ : /^heads@1:frame/,
      )
      expect(alert.cause.model?.id ?? null).toBe(scene.rule === 'lane_blocked' ? 'coco-yolox-nano-416' : null)
      expect(alert).toMatchObject({ type: scene.rule, state: 'firing', camera: 'lane', zone: 'lane' })
    })

    const no = await step(browser, 'it is confirmed by c and filed by f and Enter', async () => {
      await operator.keyboard.press('c')
      await operator.locator('.alert-view .head-facts').getByText('属实').waitFor()
      await operator.keyboard.press('f')
      await operator.getByText('立案后派遣至 交通管理局').waitFor()
      await operator.keyboard.press('Enter')
      const link = operator.locator('#main').getByRole('link', { name: /^打开案件/ })
      return /\d{4}-\d{6}/.exec((await link.textContent()) ?? '')?.[0] ?? ''
    })

    await step(browser, 'the department is told once, signed', async () => {
      const [message] = await receiver.waitFor(1, 60_000)
      expect(message?.payload).toMatchObject({ type: 'case.filed', data: { case: no } })
    })

    const officer = await step(browser, 'the officer accepts from the list', async () => {
      const page = await enter(browser, site.url, PEOPLE.officer)
      const row = page.getByRole('row').filter({ hasText: no })
      await row.getByRole('button', { name: '签收' }).click()
      await row.getByText('处置中').waitFor()
      await row.getByRole('link', { name: no }).click()
      return page
    })

    await step(browser, 'and reports with a photo', async () => {
      await makeMove(officer, '反馈', '车辆已拖离，通道恢复畅通。', (form) =>
        addPhoto(form, '处置后.jpg', '#6b7a6f'),
      )
      await officer.locator('.head-facts').getByText('待核查').waitFor()
    })

    await step(browser, 'another department does not see the case', async () => {
      const page = await enter(browser, site.url, PEOPLE.stranger)
      await page.goto(`/cases/${no}`)
      await page.getByText(`没有案件 ${no}，或不属于您所在的部门。`).waitFor()
      expect((await page.request.get(`/api/cases/${no}`)).status()).toBe(404)
    })

    await step(browser, 'the verifier finds it put right', async () => {
      const page = await enter(browser, site.url, PEOPLE.verifier)
      await page.getByRole('link', { name: no }).click()
      await expectPicture(page.getByRole('img', { name: /处置后\.jpg/ }).first())
      await makeMove(page, '核查', '现场已查看，通道畅通。', async (form) => {
        await form.getByText('合格', { exact: true }).click()
        await addPhoto(form, '核查.jpg', '#7a8b80')
      })
      await page.locator('.head-facts').getByText('待结案').waitFor()
    })

    await step(browser, 'the operator closes, and the log tells all of it', async () => {
      await operator
        .locator('#main')
        .getByRole('link', { name: `打开案件 ${no}` })
        .click()
      await makeMove(operator, '结案', '已整改。')
      await operator.locator('.head-facts').getByText('已结案').waitFor()
      const detail: CaseDetail = await (await operator.request.get(`/api/cases/${no}`)).json()
      expect(detail.state).toBe('closed')
      expect(
        detail.log.filter((entry) => entry.actorKind === 'person').map((entry) => [entry.kind, entry.actor]),
      ).toEqual([
        ['file', PEOPLE.operator],
        ['accept', PEOPLE.officer],
        ['attachment', PEOPLE.officer],
        ['report', PEOPLE.officer],
        ['attachment', PEOPLE.verifier],
        ['verify', PEOPLE.verifier],
        ['close', PEOPLE.operator],
      ])
      expect(detail.log.map((entry) => entry.kind)).toEqual(expect.arrayContaining(['dispatch', 'notified']))
      const entries = operator.locator('.case-log strong')
      await expect.poll(() => entries.count()).toBe(detail.log.length)
      const shown = await entries.allTextContents()
      for (const word of ['立案', '派遣', '已通知', '签收', '上传照片', '反馈', '核查', '结案'])
        expect(shown).toContain(word)
    })

    await step(browser, 'the masked clip plays', async () => {
      await operator.goto(`/alerts/${id}?view=all`)
      await expect
        .poll(async () => (await operator.request.get(`/api/alerts/${id}/clip.mp4`)).status(), {
          timeout: 150_000,
        })
        .toBe(200)
      const clip = await operator.request.get(`/api/alerts/${id}/clip.mp4`)
      expect(clip.headers()['content-type']).toBe('video/mp4')
      const file = join(folder.path, 'clip.mp4')
      await writeFile(file, await clip.body())
      const probe = [
        '-v',
        'error',
        '-select_streams',
        'v',
        '-show_entries',
        'stream=codec_name',
        '-of',
        'csv=p=0',
        file,
      ]
      expect((await run('ffprobe', probe)).stdout.trim()).toBe('h264')
      await operator.getByText('片段', { exact: true }).waitFor()
      await operator.keyboard.press('Space')
      await expect
        .poll(() => numberOf(operator.locator('video'), 'currentTime'), {
          timeout: 60_000,
        })
        .toBeGreaterThan(0)
    })

    await step(browser, 'who opened what is written down', async () => {
      await using database = await site.database()
      const { rows } = await database.query<{ who: string; what: string }>(
        'select distinct who, what from looks where object in ($1, $2) or case_no = $3',
        [`alert:${id}`, `case:${no}`, no],
      )
      expect(rows).toEqual(
        expect.arrayContaining([
          { who: PEOPLE.operator, what: 'still' },
          { who: PEOPLE.operator, what: 'clip' },
          { who: PEOPLE.verifier, what: 'attachment' },
        ]),
      )
      expect(rows.filter(({ who }) => who === PEOPLE.stranger)).toEqual([])
    })

    expect(receiver.received).toHaveLength(1)
    expect(receiver.refused).toEqual([])
    expect(await site.stop()).toEqual({ code: 0, left: [] })
  })
})

const photo = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 1280, height: 720, channels: 3, background } })
    .jpeg()
    .toBuffer()

/** Takes a photo to the case through the form that is open; it is ticked when it is there. */
async function addPhoto(form: Locator, name: string, background: string): Promise<void> {
  await form
    .getByLabel('选择照片')
    .setInputFiles({ name, mimeType: 'image/jpeg', buffer: await photo(background) })
  await form.getByRole('checkbox', { name, checked: true }).waitFor()
}
