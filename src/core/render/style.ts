// Style: how text may be dressed for its reader. The CLI knows the terminal; everybody else only knows this.

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
  /** Columns of the terminal; without end where nobody looks: a file or another program gets the whole text. */
  readonly width: number
  /** Whether letters beyond ASCII can be shown. */
  readonly unicode: boolean
}

const asItIs = (text: string) => text

/** No colours, for files, pipes and tests. */
export const plainStyle: Style = {
  bold: asItIs,
  dim: asItIs,
  red: asItIs,
  green: asItIs,
  yellow: asItIs,
  cyan: asItIs,
  width: 80,
  unicode: true,
}
