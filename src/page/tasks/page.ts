/** What the page has to know of a task: what to ask the user, what to send, and how the answer is drawn. */
import type { Answer, Input, Parameters, TaskName } from '../../client/tasks.ts'
import type { Child } from '../dom.ts'

/** What stands in the fields, by their names. */
export type Values = Readonly<Record<string, string>>

export interface Field {
  readonly name: string
  readonly label: string
  /** Of lines, each line that is not empty is one text; of checks, the values are the chosen lines. */
  readonly kind: 'line' | 'text' | 'lines' | 'number' | 'checks'
  readonly hint?: string
  readonly options?: readonly string[]
}

export interface Example {
  readonly label: string
  readonly values: Values
}

export interface Drawn {
  /** One sentence, read out to those who do not see the rest. */
  readonly summary: string
  readonly body: Child
}

/** Puts texts into fields and asks again. */
export type Edit = (values: Values) => void

export type Group = 'Words' | 'Labels' | 'Reading' | 'Pairs' | 'Meaning' | 'Together'

/** @typeParam Name the task; the types of body and answer follow from it */
interface Page<Name extends TaskName> {
  readonly name: Name
  readonly title: string
  readonly group: Group
  /** The head that the model needs for it; without one any model will do. */
  readonly head?: string
  /** What it is for, in a sentence or two. */
  readonly about: string
  readonly fields: readonly Field[]
  /** The first one stands in the fields from the start. */
  readonly examples: readonly [Example, ...Example[]]
  /** Asks again with every key that is typed. */
  readonly live?: true
  body(values: Values): Body<Name>
  draw(answer: Answer<Name>, values: Values, edit: Edit): Drawn
}

type Body<Name extends TaskName> = { readonly inputs: Input<Name> } & (Record<never, never> extends Parameters<Name>
  ? { readonly parameters?: Parameters<Name> }
  : { readonly parameters: Parameters<Name> })

export interface TaskPage extends Omit<Page<TaskName>, 'body' | 'draw'> {
  body(values: Values): { readonly inputs: unknown; readonly parameters?: object }
  draw(answer: unknown, values: Values, edit: Edit): Drawn
}

export function taskPage<const Name extends TaskName>(page: Page<Name>): TaskPage {
  return page as unknown as TaskPage
}

/** A field's text; '' where the task has no such field. */
export function text(values: Values, name: string): string {
  return values[name] ?? ''
}
