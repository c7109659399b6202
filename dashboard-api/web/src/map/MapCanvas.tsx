import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BaseMap } from '../../../../core/api/map.ts'
import { boundsOf, type Site } from '../../../../core/map/sites.ts'
import { useMedia } from '../parts/use-media.ts'
import { useThemeSetting } from '../theme/choice.ts'
import { DARK, LIGHT } from '../theme/palette.ts'
import { useLanguage } from '../words/language.ts'
import { baseStyle } from './base-style.ts'
import { type GeoJSONSource, MapEngine, NavigationControl, ScaleControl } from './engine.ts'
import { drawMark } from './mark-image.ts'
import { CHOSEN, chosenFeature, features, SITES, siteLayers, siteSources } from './site-layers.ts'

/** West, south, east, north. */
export type Bounds = readonly [number, number, number, number]

export interface MapHandle {
  /** Levels in (positive) or out. */
  zoom(by: number): void
  /** The whole of the sites, else of the base map. */
  fit(): void
}

export interface MapCanvasProps {
  readonly base: BaseMap
  readonly sites: readonly Site[]
  readonly chosen: Site | null
  /** A small map of one place: nothing to choose, the wheel scrolls the page. */
  readonly small?: boolean
  readonly onChoose?: (key: string) => void
  readonly onView?: (bounds: Bounds) => void
  readonly ref?: Ref<MapHandle>
}

const NEAR = 15
const CLOSEST = 19

/** Draws a base map and sites with WebGL. Loaded when a map is opened: it is as large as the rest of the app. */
export default function MapCanvas({
  base,
  sites,
  chosen,
  small = false,
  onChoose,
  onView,
  ref,
}: MapCanvasProps) {
  const { t } = useTranslation()
  const english = useLanguage() === 'en'
  const { dark } = useThemeSetting()
  const calm = useMedia('(prefers-reduced-motion: reduce)')
  const holder = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<MapEngine | null>(null)
  const [fault, setFault] = useState(false)
  const latest = useRef({ sites, chosen, onChoose, onView })
  latest.current = { sites, chosen, onChoose, onView }

  const frame = (engine: MapEngine, animate: boolean) => {
    const bounds = boundsOf(latest.current.sites) ?? (base.base.state === 'ready' ? base.base.bounds : null)
    if (bounds) engine.fitBounds([...bounds], { padding: 48, maxZoom: NEAR, animate })
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: `frame` reads the newest of everything
  useImperativeHandle(
    ref,
    () => ({
      zoom: (by) => map?.zoomTo(map.getZoom() + by, { animate: !calm }),
      fit: () => map && frame(map, !calm),
    }),
    [map, calm],
  )

  // Another theme, language or archive is another style, and a new map is simpler than a changed one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: sites and callbacks are read late
  useEffect(() => {
    const container = holder.current
    if (!container) return
    const { layers, sources, ...style } = baseStyle(base, { dark, english, origin: location.origin })
    const engine = new MapEngine({
      container,
      style: {
        ...style,
        sources: { ...sources, ...siteSources },
        layers: [...layers, ...siteLayers((dark ? DARK : LIGHT).focus)],
      },
      ...(base.base.state === 'ready' ? { bounds: [...base.base.bounds] } : { center: [105, 35], zoom: 3 }),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      maxZoom: CLOSEST,
      renderWorldCopies: false,
      fadeDuration: 0,
      reduceMotion: calm,
      scrollZoom: !small,
      locale: {
        'Map.Title': t('map.title'),
        'NavigationControl.ZoomIn': t('map.zoomIn'),
        'NavigationControl.ZoomOut': t('map.zoomOut'),
        'ScaleControl.Meters': t('map.metres'),
        'ScaleControl.Kilometers': t('map.kilometres'),
      },
    })
    engine.touchZoomRotate.disableRotation()
    engine.keyboard.disableRotation()
    engine.addControl(new NavigationControl({ showCompass: false }), 'top-right')
    engine.addControl(new ScaleControl({ maxWidth: 120 }), small ? 'top-left' : 'bottom-left')
    engine.setMissingStyleImageResolver((name) => {
      const image = drawMark(name, dark)
      if (image && !engine.hasImage(name)) engine.addImage(name, image, { pixelRatio: 2 })
    })
    engine.on('error', ({ error }) => {
      console.error(error)
      setFault(true)
    })
    engine.on('moveend', () => latest.current.onView?.(engine.getBounds().toArray().flat() as never))
    engine.on('click', SITES, ({ features: found }) => {
      const site = found?.[0]
      if (!site) return
      const { cluster_id: cluster, key } = site.properties as { cluster_id?: number; key?: string }
      if (cluster === undefined) {
        latest.current.onChoose?.(key ?? '')
        return
      }
      const { coordinates } = site.geometry as unknown as { coordinates: [number, number] }
      engine
        .getSource<GeoJSONSource>(SITES)
        ?.getClusterExpansionZoom(cluster)
        .then((zoom) => engine.easeTo({ center: coordinates, zoom }))
        // The marks were renewed meanwhile and this cluster is gone: the map stays where it is.
        .catch(() => undefined)
    })
    for (const [event, cursor] of [
      ['mouseenter', 'pointer'],
      ['mouseleave', ''],
    ] as const)
      engine.on(event, SITES, () => {
        engine.getCanvas().style.cursor = cursor
      })
    engine.once('load', () => {
      const { sites: now, chosen: one } = latest.current
      if (one) engine.jumpTo({ center: [...one.point], zoom: NEAR })
      else if (now.length > 0) frame(engine, false)
      setMap(engine)
      latest.current.onView?.(engine.getBounds().toArray().flat() as never)
    })
    return () => {
      setMap(null)
      setFault(false)
      engine.remove()
    }
  }, [base, dark, english, calm, small, t])

  useEffect(() => {
    void map?.getSource<GeoJSONSource>(SITES)?.setData(features(sites))
  }, [map, sites])

  const chosenKey = chosen?.key ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: a choice that was read again is the same choice
  useEffect(() => {
    void map?.getSource<GeoJSONSource>(CHOSEN)?.setData(chosenFeature(chosen))
    if (!map || !chosen) return
    const far = !map.getBounds().contains([...chosen.point]) || map.getZoom() < 12
    if (far || small)
      map.easeTo({ center: [...chosen.point], zoom: Math.max(map.getZoom(), NEAR), animate: !calm })
  }, [map, chosenKey])

  return (
    <div className="map-frame" data-ready={map !== null}>
      <div ref={holder} className="map-holder" />
      {fault ? (
        <p className="map-fault" role="status">
          {t('map.tileFault')}
        </p>
      ) : null}
      <Source base={base} />
    </div>
  )
}

/** Whose map it is. */
function Source({ base: { base } }: { readonly base: BaseMap }) {
  if (base.state !== 'ready') return null
  const text = [base.attribution, base.approval].filter((part) => part !== null).join(' · ')
  return text ? <p className="map-source">{text}</p> : null
}
