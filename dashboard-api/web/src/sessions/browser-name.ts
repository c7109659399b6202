/** In this order: most browsers also name those that they are like. */
const BROWSERS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['WeCom', /wxwork\/(\d+)/i],
  ['WeChat', /MicroMessenger\/(\d+)/],
  ['DingTalk', /DingTalk\/(\d+)/],
  ['Edge', /Edg(?:A|iOS)?\/(\d+)/],
  ['QQBrowser', /QQBrowser\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS)\/(\d+)/],
  ['Safari', /Version\/(\d+).* Safari\//],
]
const SYSTEMS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['Windows', /Windows NT/],
  ['HarmonyOS', /HarmonyOS|OpenHarmony/],
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
]

/** `Chrome 138 · Windows` of a User-Agent header, for people to know it again; one that is not known stays as it was sent. */
export function browserName(header: string): string {
  const known = BROWSERS.flatMap(([name, mark]) => {
    const version = mark.exec(header)?.[1]
    return version === undefined ? [] : [`${name} ${version}`]
  })
  const system = SYSTEMS.find(([, mark]) => mark.test(header))?.[0]
  const [browser] = known
  if (browser === undefined) return header
  return system === undefined ? browser : `${browser} · ${system}`
}
