/** Light or dark before the first paint: the choice made here, else the system's. A plain script, not a module. */
const NAME = 'edge-bert-theme'
const root = document.documentElement
const dark = matchMedia('(prefers-color-scheme: dark)')

function show(): void {
  const chosen = localStorage.getItem(NAME)
  root.dataset.theme = chosen ?? (dark.matches ? 'dark' : 'light')
  document.getElementById('theme')?.setAttribute('aria-pressed', String(root.dataset.theme === 'dark'))
}

show()
dark.addEventListener('change', show)
document.addEventListener('DOMContentLoaded', () => {
  show()
  document.getElementById('theme')?.addEventListener('click', () => {
    const next = root.dataset.theme === 'dark' ? 'light' : 'dark'
    // What the system says anyway is no choice: the page follows it again.
    if (next === (dark.matches ? 'dark' : 'light')) localStorage.removeItem(NAME)
    else localStorage.setItem(NAME, next)
    show()
  })
})
