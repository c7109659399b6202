/** The list of holds. */
export const holdWords = {
  holds: {
    title: 'Holds',
    hint: 'While something is held, its pictures, films, photos and kept recordings are not deleted by retention, and a full disk does not get them back. A release needs a reason.',
    withReleased: 'Show released ones too (the newest 500 are listed)',
    count: '{{n}} {{n, plural(one: hold; other: holds)}} in force',
    none: 'Nothing has been held yet. Cases, alerts and the list of kept recordings below a replay have the button.',
    noneInForce: 'Nothing is held now.',
    onlyCase: 'Held with its case',
  },
}
