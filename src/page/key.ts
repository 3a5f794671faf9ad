/** The API key, where the Worker wants one: kept for this tab only, gone when it is closed. */
import { stored } from './storage.ts'

const TYPING_PAUSE_MS = 300

const key = stored(() => sessionStorage, 'edge-bert-key')
let wanted = false

export function readKey(): string {
  return key.read() ?? ''
}

/** What the Worker said with a 401. */
export function keyIsWanted(): void {
  wanted = true
}

/** Whether a request to copy has a place for the key. */
export function needsKey(): boolean {
  return wanted || readKey() !== ''
}

/** @param changed called when the field has changed and typing rests */
export function connectKeyField(field: HTMLInputElement, changed: () => void): void {
  let pause: ReturnType<typeof setTimeout> | undefined
  field.value = readKey()
  field.addEventListener('input', () => {
    key.write(field.value || null)
    clearTimeout(pause)
    pause = setTimeout(changed, TYPING_PAUSE_MS)
  })
}

/** Shows the field to a user who needs it. */
export function askForKey(field: HTMLInputElement): void {
  const around = field.closest('details')
  if (around) around.open = true
  field.focus()
}
