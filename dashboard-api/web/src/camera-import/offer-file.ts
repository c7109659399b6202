/** Saves a text as a file of the person's own. */
export function offerFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own hold on it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 0)
}
