import { blend, drawBackground, drawSprite, grainy, puffSprite, random } from './canvas.ts'
import { ramp, SAMPLE_HEIGHT, SAMPLE_WIDTH, type Scene } from './scene.ts'

const CHIMNEY_TOP = { x: 452, y: 208 }

const BACKGROUND = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540">
  <defs>
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#a9c4dc"/><stop offset=".75" stop-color="#dde6ea"/><stop offset="1" stop-color="#e7e4da"/></linearGradient>
    <linearGradient id="stack" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#8d8680"/><stop offset=".35" stop-color="#c9c3bb"/><stop offset="1" stop-color="#7d766f"/></linearGradient>
    <linearGradient id="hall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#8f9aa3"/><stop offset="1" stop-color="#6f7a83"/></linearGradient>
  </defs>
  <rect width="960" height="400" fill="url(#sky)"/>
  <path d="M0 352 C140 318 240 342 360 326 S620 338 760 314 S900 326 960 318 V400 H0Z" fill="#b7c3bd"/>
  <path d="M0 378 C200 352 420 372 600 356 S860 364 960 352 V420 H0Z" fill="#98a898"/>
  <rect x="0" y="400" width="960" height="140" fill="#837e74"/>
  <path d="M0 446 H960 V540 H0Z" fill="#6e6b66"/>
  <path d="M0 492 H960" stroke="#b9b29b" stroke-width="4" stroke-dasharray="46 34"/>
  <path d="M426 424 L437 206 H467 L478 424Z" fill="url(#stack)"/>
  <path d="M434.6 254 L436.2 222 H467.8 L469.4 254Z M430.4 338 L432 306 H472 L473.6 338Z" fill="#b2493e"/>
  <rect x="434" y="202" width="36" height="7" fill="#5d5650"/>
  <path d="M470 424 V330 M446 424" stroke="#6a635c" stroke-width="2"/>
  <rect x="96" y="330" width="270" height="112" fill="url(#hall)"/><path d="M96 330 L141 300 L186 330 L231 300 L276 330 L321 300 L366 330Z" fill="#7a858e"/>
  <g fill="#3f4a55"><rect x="116" y="352" width="34" height="24"/><rect x="166" y="352" width="34" height="24"/><rect x="216" y="352" width="34" height="24"/><rect x="266" y="352" width="34" height="24"/><rect x="316" y="352" width="34" height="24"/></g>
  <rect x="206" y="392" width="56" height="50" fill="#4c565f"/>
  <rect x="540" y="352" width="196" height="90" fill="#a08f7a"/><rect x="540" y="344" width="196" height="10" fill="#7c6d5b"/>
  <g fill="#5b5147"><rect x="560" y="370" width="26" height="34"/><rect x="606" y="370" width="26" height="34"/><rect x="652" y="370" width="26" height="34"/><rect x="698" y="370" width="22" height="72"/></g>
  <g fill="#c3c9cc" stroke="#89929a"><ellipse cx="812" cy="356" rx="44" ry="10"/><path d="M768 356 V436 A44 10 0 0 0 856 436 V356"/></g>
  <g stroke="#4d5358" stroke-width="2" fill="none"><path d="M20 442 V408 H70 M40 442 V408 M60 442 V408 M880 442 V408 H950 M900 442 V408 M925 442 V408"/></g>
  <g fill="#5f7a55"><circle cx="40" cy="420" r="22"/><circle cx="66" cy="428" r="16"/><circle cx="900" cy="424" r="20"/><circle cx="930" cy="430" r="15"/></g>
</svg>`

const LORRY = `<svg xmlns="http://www.w3.org/2000/svg" width="132" height="60">
  <rect x="2" y="8" width="88" height="38" rx="2" fill="#4e6f8f"/><path d="M92 18 H116 L128 34 V46 H92Z" fill="#d8d5cc"/><path d="M98 22 H114 L122 34 H98Z" fill="#39444e"/>
  <g fill="#23262a"><circle cx="24" cy="48" r="10"/><circle cx="70" cy="48" r="10"/><circle cx="110" cy="48" r="10"/></g></svg>`

/** A works with a chimney: from the tenth second on it sends up a dark plume, which thins out before the minute is over. */
export async function worksScene(): Promise<Scene> {
  const background = await drawBackground(BACKGROUND, SAMPLE_WIDTH, SAMPLE_HEIGHT)
  const lorry = await drawSprite(LORRY)
  const dice = random(17)
  const sizes = [18, 26, 36, 48, 60]
  const dark = sizes.map((radius) => puffSprite(radius, [44, 41, 40], 0.62))
  const steam = sizes.map((radius) => puffSprite(radius, [236, 238, 240], 0.3))
  const puffs = Array.from({ length: 90 }, (_, i) => ({
    phase: i / 90,
    sway: dice() - 0.5,
    lift: 0.8 + dice() * 0.4,
  }))
  const life = 9 // seconds from the mouth of the chimney until a puff is gone
  return {
    id: 'sample-works',
    ground: grainy(background),
    draw(canvas, t) {
      for (const puff of puffs) {
        const age = (t / life + puff.phase) % 1
        const born = t - age * life
        const smoke = ramp(born, 9, 11) * (1 - ramp(born, 56, 62))
        const sprites = smoke > 0.5 ? dark : steam
        const sprite = sprites[Math.min(sizes.length - 1, Math.floor(age * sizes.length))]
        if (!sprite) continue
        const x =
          CHIMNEY_TOP.x +
          230 * age ** 1.25 +
          puff.sway * 52 * age +
          Math.sin(t * 0.7 + puff.phase * 9) * 8 * age
        const y = CHIMNEY_TOP.y - 168 * age ** 0.8 * puff.lift
        const strength = (smoke > 0.5 ? smoke : 0.55) * (1 - age) ** 0.8 * Math.min(1, age * 12)
        blend(canvas, sprite, x - sprite.width / 2, y - sprite.height / 2, strength)
      }
      const drive = (t % 40) / 14
      if (drive < 1) blend(canvas, lorry, -140 + drive * 1120, 440)
    },
  }
}
