/** A name from the list of keys as the face of a button. Chinese has no capitals. */
export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)
