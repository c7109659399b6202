/** How many persons it takes to open a sealed original (`city.originals`). */
export const ORIGINALS_MODES = ['one_person', 'two_person'] as const
