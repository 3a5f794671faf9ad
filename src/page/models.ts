/** Which model answers: a choice where there are several of a kind, else the default of each task. */
import { readJson } from './call.ts'
import { byId, h } from './dom.ts'
import type { TaskPage } from './tasks/page.ts'

/** Of /v1/models. */
interface Model {
  readonly id: string
  readonly heads: Readonly<Record<string, { readonly task: string }>>
}

const select = byId<HTMLSelectElement>('model')
let models: readonly Model[] = []

/** As a request names it. */
export function chosenModel(): { model?: string } {
  return select.value ? { model: select.value } : {}
}

/** Whether the chosen model has a head for the task; without a choice, whether any model has. */
export function isServed({ name, head }: TaskPage): boolean {
  const asked = models.filter(({ id }) => !select.value || id === select.value)
  const heads = asked.flatMap((model) => Object.entries(model.heads))
  return !head || models.length === 0 || heads.some(([own, { task }]) => own === head || task === name)
}

/** Reads the list once; a Worker that wants a key gives it with the key. What else fails, the first call will tell. */
export async function loadModels(): Promise<void> {
  const list = (await readJson('/v1/models').catch(() => null)) as { data: Model[] } | null
  if (!list || models.length > 0) return
  models = list.data
  select.append(h('option', { value: '' }, 'Default of the task'), ...models.map(({ id }) => h('option', {}, id)))
  // One with heads and one for embeddings, as they are installed, leave nothing to choose.
  const kinds = new Set(models.map(({ heads }) => Object.keys(heads).length > 0))
  byId('models').hidden = kinds.size === models.length
}
