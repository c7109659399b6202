/** The map. */
export const mapWords = {
  map: {
    title: 'Map',
    list: 'What is on the map',
    filter: 'What is shown',
    base: 'The base map',
    show: 'Show on the map',
    small: 'Map of this place',
    kind: {
      alert: 'Alerts {{n}}',
      case: 'Cases {{n}}',
      camera: 'Cameras {{n}}',
      sensor: 'Sensors {{n}}',
    },
    sensor: {
      ok: 'works',
      exceeding: 'over its limit',
      fault: 'faulty',
      silent: 'silent',
      never: 'never heard',
    },
    onlyBad: 'Only what needs attention',
    asOf: 'As of',
    cutAlerts: '{{n}} of {{m}} alerts are listed, the gravest first',
    cutCases: '{{n}} of {{m}} cases are listed, the gravest first',
    inView: '{{n}} of {{m}} places are in view',
    together: '{{n}} {{n, plural(one: item; other: items)}}',
    more: 'Show more ({{n}} {{n, plural(one: place; other: places)}})',
    nowhere: '{{n}} without coordinates',
    nowhereWhy:
      'They are shown on the map once their camera or sensor has place.lon and place.lat in the city file.',
    nowhereMore: '{{n}} more are on their own pages.',
    nothing: 'There are no cameras, sensors, alerts or cases that you may see.',
    filtered: 'Nothing of what is chosen is there. Tick more above.',
    noPoints: 'Nothing of what is chosen has coordinates. It is in the list only.',
    goneOrHidden:
      'What the link names is not on the map: it is resolved or closed, not ticked, or has no coordinates.',
    noWebGl:
      'This browser has no WebGL, so the map cannot be drawn and the list stands alone. Turn on hardware acceleration or take a newer browser.',
    noBase:
      'No base map is configured. Name a PMTiles file as city.map.file in the city file to see streets and water (docs/map.md).',
    baseFault: {
      missing:
        'The base map {{file}} is missing. Put it back, or change city.map.file in the city file (docs/map.md).',
      unreadable:
        'The base map {{file}} cannot be read. Give it to the user that runs the program (docs/map.md).',
      not_pmtiles:
        'The base map {{file}} is no whole PMTiles archive of version 3. Make or copy it again (docs/map.md).',
      unknown_tiles:
        'The base map {{file}} has tiles of a kind that is not shown. Vector (MVT), PNG, JPEG, WebP and AVIF are (docs/map.md).',
    },
    tileFault:
      'Part of the base map could not be read. The marks are right. It is read again when you move or reload.',
    legend:
      '◆1 ▲2 ■3 ●4 severity of an alert, with a double rim a case; crossed: does not work; ○ camera, ▽ sensor; the number at the top right counts what stands there.',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    whole: 'Show everything',
    metres: 'm',
    kilometres: 'km',
  },
}
