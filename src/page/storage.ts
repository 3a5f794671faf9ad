/** One value of the browser's storage; where the browser allows none, a variable keeps it until the page is left. */
export interface Stored {
  read(): string | null
  /** null removes it. */
  write(value: string | null): void
}

/** @param storage a function, because a browser that blocks storage throws where it is named */
export function stored(storage: () => Storage, name: string): Stored {
  let instead: string | null = null
  return {
    read() {
      try {
        return storage().getItem(name) ?? instead
      } catch {
        return instead
      }
    },
    write(value) {
      instead = null
      try {
        if (value === null) storage().removeItem(name)
        else storage().setItem(name, value)
      } catch {
        instead = value
      }
    },
  }
}
