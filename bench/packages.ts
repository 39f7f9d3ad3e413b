// Where the packages are: what is compared has a folder of its own, the rest is the repository's.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const benchFolder = fileURLToPath(new URL('.', import.meta.url))
export const repository = fileURLToPath(new URL('..', import.meta.url))

const homes = [join(benchFolder, 'node_modules'), join(repository, 'node_modules')]

/** Undefined when it is not installed. */
export function packageFolder(name: string): string | undefined {
  return homes.map((home) => join(home, name)).find((folder) => existsSync(folder))
}

export function packageVersion(name: string): string {
  const folder = packageFolder(name)
  if (folder === undefined) throw new Error(`${name} is not installed`)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return version
}
