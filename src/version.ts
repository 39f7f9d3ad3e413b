// The version of mig, as its package says.

import { createRequire } from 'node:module'

export function migVersion(): string {
  const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string }
  return version
}
