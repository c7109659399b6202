import 'maplibre-gl/dist/maplibre-gl.css'
import { addProtocol, setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import { Protocol } from 'pmtiles'

// A file of our own: the policy lets workers come from nowhere else.
setWorkerUrl(new URL(workerUrl, location.href).href)
addProtocol('pmtiles', new Protocol().tile)

export { type GeoJSONSource, Map as MapEngine, NavigationControl, ScaleControl } from 'maplibre-gl'
