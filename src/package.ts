// What mig's own package says and brings along. This file stands as deep in the source as what is built of it.

import { readFileSync } from 'node:fs'

export function migVersion(): string {
  const { version } = JSON.parse(readOwn('package.json')) as { readonly version: string }
  return version
}

/** The text of a file of the package, by its path from the package's root. */
export function readOwn(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
}
