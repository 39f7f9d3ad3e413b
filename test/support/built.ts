// A file of the source, built by itself, for a process of its own.

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { buildSync } from 'esbuild'

import { repository } from './program.js'

/** The URL of what becomes of a file of this repository. It lies where the project's packages can be found from. */
export function built(path: string): string {
  const outfile = join(repository, 'node_modules/.cache/mig-test', `${randomUUID()}.mjs`)
  buildSync({
    entryPoints: [join(repository, path)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  })
  return pathToFileURL(outfile).href
}
