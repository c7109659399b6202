import type { CityConfig } from '../core/config/city.ts'
import { parseCity } from '../core/config/parse.ts'
import { SAMPLE_SCENES, type SampleId, sampleFolder } from '../ingest/samples/film.ts'

/** The city of a first run: drawn cameras, departments without channels (shown as unreachable), and who works there. */
const SAMPLE_CITY = `
city: { name: 示例市, timezone: Asia/Shanghai, datum: WGS-84 }
departments:
  - { id: ecology, name: { zh: 生态环境局, en: Ecology bureau } }
  - { id: fire-rescue, name: { zh: 消防救援支队, en: Fire and rescue } }
  - { id: urban, name: { zh: 城市管理局, en: City management } }
  - { id: market, name: { zh: 市场监督管理局, en: Market supervision } }
cameras:
  - id: sample-works
    name: { zh: 三号烟囱（示例）, en: Chimney 3 (sample) }
    purpose: environment
    url: SAMPLES/sample-works
    place: { address: 学府路 1 号, grid: "130104-017", lon: 114.48, lat: 38.03 }
    masking: { none: 示例画面由程序绘制，没有真人 (generated scene) }
    zones: { sky: [[0.36, 0.0], [0.9, 0.0], [0.9, 0.38], [0.36, 0.38]] }
    rules:
      - { id: dark-plume, type: plume, zone: sky, darkness: 2, for: 8s, severity: 2 }
      - { id: covered, type: camera_covered }
      - { id: frozen, type: camera_frozen }
      - { id: fire, type: fire }
  - id: sample-street
    name: { zh: 人民路步行道（示例）, en: Renmin Road pavement (sample) }
    purpose: public_safety
    url: SAMPLES/sample-street
    place: { address: 人民路 3 号, grid: "130104-021", lon: 114.51, lat: 38.04 }
    masking: { none: 示例画面由程序绘制，没有真人 (generated scene) }
    zones: { pavement: [[0.3, 0.48], [0.75, 0.48], [0.75, 0.7], [0.3, 0.7]] }
    rules:
      - { id: left-object, type: object_left, zone: pavement, for: 20s }
      - { id: covered, type: camera_covered }
      - { id: frozen, type: camera_frozen }
      - { id: lane, type: lane_blocked, for: 2m }
  - id: sample-kitchen
    name: { zh: 第一食堂后厨（示例）, en: Canteen 1 kitchen (sample) }
    purpose: kitchen
    url: SAMPLES/sample-kitchen
    place: { address: 东关路 12 号, grid: "130104-033", lon: 114.46, lat: 38.05 }
    masking: { none: 示例画面由程序绘制，没有真人 (generated scene) }
    zones: { floor: [[0.0, 0.55], [1.0, 0.55], [1.0, 1.0], [0.0, 1.0]] }
    rules:
      - { id: after-hours, type: after_hours_motion, zone: floor, hours: "00:00-24:00", for: 5s }
      - { id: covered, type: camera_covered }
      - { id: frozen, type: camera_frozen }
      - { id: no-mask, type: no_mask }
routes:
  - { when: { type: [fire, smoke] }, lead: fire-rescue, assist: [ecology], notify: at_once }
  - { when: { purpose: [environment] }, lead: ecology, accept: 2h, handle: 3d }
  - { when: { purpose: [kitchen] }, lead: market, accept: 4h, handle: 2d }
  - { lead: urban, accept: 2h, handle: 1d }
`

export const SAMPLE_IDS = Object.keys(SAMPLE_SCENES) as SampleId[]

/** The sample city with its films in `folder`. */
export function sampleCity(folder: string): CityConfig {
  const city = parseCity(SAMPLE_CITY, `${folder}/sample-city.yaml`)
  const films = (id: string) => sampleFolder(folder, id as SampleId)
  return { ...city, cameras: city.cameras.map((camera) => ({ ...camera, url: films(camera.id) })) }
}

/** People of the sample city besides the operator; they share its one-time password and must change it. */
export const SAMPLE_ACCOUNTS = [
  { name: 'ecology.duty', roles: ['officer'], department: 'ecology' },
  { name: 'fire.duty', roles: ['officer'], department: 'fire-rescue' },
  { name: 'urban.duty', roles: ['officer'], department: 'urban' },
  { name: 'market.duty', roles: ['officer'], department: 'market' },
  { name: 'grid.worker', roles: ['verifier'] },
  { name: 'auditor', roles: ['auditor', 'investigator'] },
] as const
