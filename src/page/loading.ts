/** The files of a model on their way, as the call that loads them tells it. */
import type { FileProgress } from '../model/progress.ts'
import { h } from './dom.ts'
import { size } from './format.ts'

export interface Loading {
  readonly element: HTMLElement
  show(file: FileProgress): void
}

export function loading(): Loading {
  const files = new Map<string, { row: HTMLElement; bar: HTMLProgressElement; told: HTMLElement; last: FileProgress }>()
  const title = h('p', { class: 'headline' })
  const list = h('ul', { class: 'files' })
  const show = (file: FileProgress) => {
    const path = `${file.model}/${file.file}`
    let known = files.get(path)
    if (!known) {
      const bar = h('progress', { max: file.total, 'aria-label': file.file })
      const told = h('span', { class: 'bar-value' })
      known = { row: h('li', {}, h('span', {}, file.file), bar, told), bar, told, last: file }
      files.set(path, known)
      list.append(known.row)
    }
    known.last = file
    known.bar.value = file.received
    known.told.textContent = `${size(file.received)} of ${size(file.total)}`
    const all = [...files.values()].map(({ last }) => last)
    const sum = (key: 'received' | 'total') => all.reduce((total, each) => total + each[key], 0)
    title.textContent = `Loading ${file.model}: ${size(sum('received'))} of ${size(sum('total'))}`
  }
  return { element: h('div', { class: 'loading' }, title, list), show }
}
