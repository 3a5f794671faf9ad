/** What those who wait for a model may be told. */

/** How much of one file of a model has arrived, in bytes. */
export interface FileProgress {
  readonly model: string
  readonly file: string
  readonly received: number
  readonly total: number
}

/** Called as bytes arrive. */
export type Progress = (file: FileProgress) => void
