/** Light or dark before the first paint: the choice made here, else the system's. Built into a plain script, not a module. */
import { stored } from './storage.ts'

const theme = stored(() => localStorage, 'edge-bert-theme')
const root = document.documentElement
const dark = matchMedia('(prefers-color-scheme: dark)')

function show(): void {
  root.dataset.theme = theme.read() ?? (dark.matches ? 'dark' : 'light')
  document.getElementById('theme')?.setAttribute('aria-pressed', String(root.dataset.theme === 'dark'))
}

show()
dark.addEventListener('change', show)
document.addEventListener('DOMContentLoaded', () => {
  show()
  document.getElementById('theme')?.addEventListener('click', () => {
    const next = root.dataset.theme === 'dark' ? 'light' : 'dark'
    // What the system says anyway is no choice: the page follows it again.
    theme.write(next === (dark.matches ? 'dark' : 'light') ? null : next)
    show()
  })
})
