/** Where the dictionary has what a part tells: words of its own, else those that any part may need. */
export const partAreas = ({ name }: { readonly name: string }): readonly string[] => [
  `healthText.${name}`,
  'healthText.any',
]
