// `.env` beside the configuration: read if it is there, never over what the environment says already.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** Adds what `root/.env` has and `env` lacks to `env`. */
export function readDotEnv(root: string, env: NodeJS.ProcessEnv): void {
  let text: string
  try {
    text = readFileSync(join(root, '.env'), 'utf8').replace(/^\uFEFF/, '')
  } catch {
    return
  }
  for (const [name, value] of Object.entries(parseEnv(text))) env[name] ??= value
}
