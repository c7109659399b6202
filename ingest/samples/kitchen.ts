import { blend, drawBackground, drawSprite, grainy } from './canvas.ts'
import { ramp, SAMPLE_HEIGHT, SAMPLE_WIDTH, type Scene } from './scene.ts'

const BACKGROUND = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540">
  <defs>
    <pattern id="tiles" width="40" height="40" patternUnits="userSpaceOnUse"><rect width="40" height="40" fill="#5d676b"/><path d="M0 0 H40 M0 0 V40" stroke="#4f585c" stroke-width="2"/></pattern>
    <pattern id="floor" width="60" height="30" patternUnits="userSpaceOnUse"><rect width="60" height="30" fill="#4b4340"/><path d="M0 0 H60 M0 0 V30" stroke="#403936" stroke-width="2"/></pattern>
    <linearGradient id="steel" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#8b9296"/><stop offset="1" stop-color="#5b6165"/></linearGradient>
    <radialGradient id="night" cx=".78" cy=".1" r="1.1"><stop offset="0" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000410" stop-opacity=".55"/></radialGradient>
  </defs>
  <rect width="960" height="330" fill="url(#tiles)"/>
  <rect y="330" width="960" height="210" fill="url(#floor)"/>
  <path d="M120 0 H470 L440 92 H150Z" fill="url(#steel)"/><rect x="150" y="92" width="290" height="10" fill="#454b4f"/>
  <rect x="130" y="236" width="340" height="16" fill="#9aa1a5"/><rect x="130" y="252" width="340" height="122" fill="url(#steel)"/>
  <g fill="#2c3033"><ellipse cx="200" cy="236" rx="40" ry="7"/><ellipse cx="300" cy="236" rx="40" ry="7"/><ellipse cx="400" cy="236" rx="40" ry="7"/></g>
  <g><path d="M266 214 H334 V232 Q300 240 266 232Z" fill="#3a3f43"/><path d="M334 220 H372" stroke="#2c3033" stroke-width="6"/></g>
  <g fill="#40464a"><rect x="146" y="270" width="92" height="88"/><rect x="254" y="270" width="92" height="88"/><rect x="362" y="270" width="92" height="88"/></g>
  <rect x="520" y="226" width="300" height="14" fill="#9aa1a5"/><rect x="520" y="240" width="300" height="134" fill="#6b7276"/><path d="M620 240 V374 M720 240 V374" stroke="#565d61" stroke-width="4"/>
  <rect x="540" y="96" width="260" height="9" fill="#777e82"/><rect x="540" y="150" width="260" height="9" fill="#777e82"/>
  <g fill="#a59a86"><rect x="556" y="66" width="34" height="30"/><rect x="602" y="58" width="26" height="38"/><rect x="744" y="62" width="40" height="34"/></g><g fill="#7f8b90"><rect x="566" y="118" width="52" height="32" rx="4"/><rect x="640" y="122" width="44" height="28" rx="4"/><rect x="706" y="116" width="60" height="34" rx="4"/></g>
  <g><rect x="860" y="72" width="100" height="300" fill="#3b4246"/><rect x="872" y="90" width="76" height="60" fill="#232a30"/></g>
  <g><rect x="28" y="120" width="82" height="254" fill="#7d8488"/><path d="M28 236 H110" stroke="#5d6468" stroke-width="5"/><rect x="96" y="180" width="6" height="34" fill="#4b5256"/></g>
  <rect width="960" height="540" fill="url(#night)"/>
</svg>`

const TROLLEY = `<svg xmlns="http://www.w3.org/2000/svg" width="150" height="152">
  <g stroke="#b8bdc0" stroke-width="7" fill="none"><path d="M14 10 V128 M136 10 V128"/></g><g fill="#989fa3"><rect x="8" y="34" width="134" height="9"/><rect x="8" y="78" width="134" height="9"/><rect x="8" y="118" width="134" height="9"/></g>
  <g fill="#c4ab83"><rect x="26" y="12" width="40" height="22"/><rect x="78" y="8" width="44" height="26"/></g><g fill="#8a4f3c"><rect x="30" y="58" width="84" height="20"/></g><g fill="#111"><circle cx="22" cy="138" r="10"/><circle cx="128" cy="138" r="10"/></g></svg>`

const LIGHT = `<svg xmlns="http://www.w3.org/2000/svg" width="420" height="300"><path d="M420 0 L420 300 L0 300Z" fill="#ffe9b0" fill-opacity=".32"/></svg>`

/** A kitchen out of hours: the back door opens, a loaded trolley is rolled in and out; nothing else may move. */
export async function kitchenScene(): Promise<Scene> {
  const background = await drawBackground(BACKGROUND, SAMPLE_WIDTH, SAMPLE_HEIGHT)
  const [trolley, light] = await Promise.all([drawSprite(TROLLEY), drawSprite(LIGHT)])
  return {
    id: 'sample-kitchen',
    ground: grainy(background),
    draw(canvas, t) {
      const open = ramp(t, 8, 9) * (1 - ramp(t, 40, 41))
      if (open > 0) blend(canvas, light, 540, 240, open)
      if (t > 10 && t < 39) blend(canvas, trolley, trolleyAt(t - 10), 320 + Math.sin(t * 6) * 1.5)
    },
  }
}

/** In from the right for 8 s, to and fro at the stove for 13 s, out again for 8 s. */
function trolleyAt(s: number): number {
  if (s < 8) return 970 - 650 * (s / 8)
  if (s < 21) return 320 + 90 * Math.sin((s - 8) * 0.9)
  return 255 + 730 * ((s - 21) / 8)
}
