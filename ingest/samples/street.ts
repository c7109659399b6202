import { blend, drawBackground, drawSprite, grainy } from './canvas.ts'
import { ramp, SAMPLE_HEIGHT, SAMPLE_WIDTH, type Scene } from './scene.ts'

const BACKGROUND = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540">
  <defs>
    <linearGradient id="wall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#b59f86"/><stop offset="1" stop-color="#9c8871"/></linearGradient>
    <linearGradient id="road" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#5e6063"/><stop offset="1" stop-color="#4a4c4f"/></linearGradient>
    <pattern id="paving" width="48" height="20" patternUnits="userSpaceOnUse"><rect width="48" height="20" fill="#b3aea4"/><path d="M0 0 H48 M0 10 H48 M0 0 V10 M24 10 V20" stroke="#a09b91" stroke-width="1.5"/></pattern>
  </defs>
  <rect width="960" height="270" fill="url(#wall)"/>
  <rect y="0" width="960" height="26" fill="#7f6c58"/>
  <g fill="#4e5b66" stroke="#7a6a58" stroke-width="5"><rect x="40" y="52" width="86" height="78"/><rect x="166" y="52" width="86" height="78"/><rect x="520" y="52" width="86" height="78"/><rect x="646" y="52" width="86" height="78"/><rect x="772" y="52" width="86" height="78"/></g>
  <rect x="300" y="40" width="170" height="230" fill="#6d747a"/><rect x="312" y="76" width="70" height="194" fill="#3f4b55"/><rect x="388" y="76" width="70" height="194" fill="#45525d"/><rect x="300" y="40" width="170" height="28" fill="#8f2f28"/>
  <g fill="#e8ddc6" font-family="sans-serif" font-size="15"><rect x="330" y="50" width="110" height="8"/></g>
  <g><rect x="28" y="158" width="236" height="112" fill="#566370"/><rect x="40" y="170" width="100" height="100" fill="#6f8090"/><rect x="150" y="170" width="100" height="100" fill="#6a7b8b"/><rect x="28" y="146" width="236" height="16" fill="#3f6f57"/></g>
  <g><rect x="512" y="158" width="360" height="112" fill="#5d5a55"/><rect x="526" y="170" width="104" height="100" fill="#77736b"/><rect x="640" y="170" width="104" height="100" fill="#7b776f"/><rect x="754" y="170" width="104" height="100" fill="#76726a"/><rect x="512" y="146" width="360" height="16" fill="#365a78"/></g>
  <rect y="270" width="960" height="110" fill="url(#paving)"/>
  <rect y="378" width="960" height="9" fill="#8a867e"/>
  <rect y="387" width="960" height="153" fill="url(#road)"/>
  <path d="M0 462 H960" stroke="#c9c5b6" stroke-width="5" stroke-dasharray="64 46"/>
  <g><rect x="884" y="120" width="9" height="252" fill="#4b4f52"/><path d="M888 122 H818" stroke="#4b4f52" stroke-width="7"/><rect x="800" y="118" width="36" height="9" fill="#d9d2b8"/></g>
  <g><rect x="92" y="286" width="13" height="82" fill="#5d4a38"/><circle cx="98" cy="238" r="58" fill="#5d7b4c"/><circle cx="66" cy="256" r="36" fill="#547145"/><circle cx="134" cy="252" r="40" fill="#66855a"/></g>
  <g><rect x="712" y="304" width="112" height="10" fill="#72573f"/><rect x="712" y="286" width="112" height="8" fill="#7b5f46"/><rect x="722" y="314" width="7" height="26" fill="#4a4d50"/><rect x="806" y="314" width="7" height="26" fill="#4a4d50"/></g>
</svg>`

const car = (body: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="170" height="66">
  <path d="M8 44 Q10 30 34 28 L54 10 Q58 6 66 6 H110 Q118 6 124 12 L140 28 Q162 31 164 46 V52 H8Z" fill="${body}"/><path d="M44 27 L60 12 H84 V27Z M90 12 H110 Q115 12 119 16 L130 27 H90Z" fill="#2c3640"/>
  <g fill="#1e2022"><circle cx="40" cy="52" r="13"/><circle cx="134" cy="52" r="13"/></g><g fill="#8d9194"><circle cx="40" cy="52" r="5"/><circle cx="134" cy="52" r="5"/></g></svg>`

const CASE = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="58">
  <ellipse cx="32" cy="53" rx="31" ry="5" fill="#000" fill-opacity=".25"/><rect x="4" y="14" width="56" height="38" rx="5" fill="#23405c"/><rect x="4" y="28" width="56" height="4" fill="#16293c"/><path d="M22 14 V8 Q22 4 27 4 H37 Q42 4 42 8 V14" fill="none" stroke="#16293c" stroke-width="4"/><rect x="28" y="26" width="8" height="8" fill="#c8a24a"/></svg>`

const CART = `<svg xmlns="http://www.w3.org/2000/svg" width="118" height="74">
  <rect x="6" y="18" width="92" height="36" rx="3" fill="#3d7a5c"/><rect x="6" y="12" width="92" height="8" fill="#2f6149"/><path d="M98 22 L114 6" stroke="#555" stroke-width="5"/><g fill="#222"><circle cx="28" cy="60" r="11"/><circle cx="78" cy="60" r="11"/></g></svg>`

/** A street: a delivery cart rolls through and leaves a case on the pavement, which is taken away again before the minute is over. */
export async function streetScene(): Promise<Scene> {
  const background = await drawBackground(BACKGROUND, SAMPLE_WIDTH, SAMPLE_HEIGHT)
  const cars = await Promise.all(['#a8322d', '#d7d9da', '#2f4d77'].map((body) => drawSprite(car(body))))
  const [left, cart] = await Promise.all([drawSprite(CASE), drawSprite(CART)])
  return {
    id: 'sample-street',
    ground: grainy(background),
    draw(canvas, t) {
      const visible = ramp(t, 12.4, 12.6) * (1 - ramp(t, 66.4, 66.6))
      if (visible > 0) blend(canvas, left, 562, 306, visible)
      // The cart stands in front of the case while it comes and while it is fetched.
      const rolled = cartAt(t, 9) ?? cartAt(t, 63)
      if (rolled !== null) blend(canvas, cart, rolled, 300)
      cars.forEach((sprite, index) => {
        const way = ((t + 7 + index * 11) % 33) / 5.5
        if (way < 1)
          blend(canvas, sprite, index === 1 ? 960 - way * 1140 : -180 + way * 1140, index === 1 ? 400 : 470)
      })
    },
  }
}

/** Comes from the right, waits three seconds before the case's place, goes on to the left. */
function cartAt(t: number, start: number): number | null {
  const s = t - start
  if (s < 0 || s > 9) return null
  if (s < 2.5) return 980 - (980 - 540) * (s / 2.5)
  if (s < 4.5) return 540
  return 540 - 680 * ((s - 4.5) / 4.5)
}
