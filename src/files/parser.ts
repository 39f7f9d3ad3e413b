// The parser of JavaScript and TypeScript. It is native, and most files can do without: whoever wants it loads it first.

import type { parseSync } from 'oxc-parser'

export type Parser = typeof parseSync

export async function loadParser(): Promise<Parser> {
  return (await import('oxc-parser')).parseSync
}
