// The nearest file of a name, from a folder upwards.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The file called `name` in `folder` or the nearest folder above it. */
export function nearestAbove(folder: string, name: string): string | null {
  for (let here = folder; ; here = dirname(here)) {
    const path = join(here, name)
    if (existsSync(path)) return path
    if (dirname(here) === here) return null
  }
}
