// Runs before the first paint, so that a dark room does not get a white flash. The key is that of src/theme/choice.ts.
;(() => {
  let choice = null
  try {
    choice = localStorage.getItem('sharp-eyes.theme')
  } catch {
    choice = null // storage is refused: the system's theme is used
  }
  const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
