/** The API key, where the Worker wants one: kept for this tab only, gone when it is closed. */
const NAME = 'edge-bert-key'

export function readKey(): string {
  return sessionStorage.getItem(NAME) ?? ''
}

/** @param changed called after each change of the field */
export function connectKeyField(field: HTMLInputElement, changed: () => void): void {
  field.value = readKey()
  field.addEventListener('input', () => {
    if (field.value) sessionStorage.setItem(NAME, field.value)
    else sessionStorage.removeItem(NAME)
    changed()
  })
}

/** Shows the field to a user who needs it. */
export function askForKey(field: HTMLInputElement): void {
  const around = field.closest('details')
  if (around) around.open = true
  field.focus()
}
