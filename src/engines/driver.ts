// Finding the packages that the project brings along: drivers and Knex.

import { messageOf } from '../core/thrown.js'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { EngineError } from '../core/errors.js'

/**
 * A package as the project at `root` has it; else as mig has it.
 * @throws EngineError `engine.driver-missing` with the command that installs it
 */
export function loadPackage(root: string, name: string): unknown {
  const places = [createRequire(join(root, 'package.json')), createRequire(import.meta.url)]
  for (const require of places) {
    const path = resolved(require, name)
    if (path !== null) return loaded(require, path, name)
  }
  throw new EngineError(
    'engine.driver-missing',
    `The package ${name} is needed for this database and is not installed.`,
    {
      hint: `npm install ${name}`,
    },
  )
}

function resolved(require: NodeJS.Require, name: string): string | null {
  try {
    return require.resolve(name)
  } catch {
    return null
  }
}

function loaded(require: NodeJS.Require, path: string, name: string): unknown {
  try {
    return require(path) as unknown
  } catch (cause) {
    const reason = messageOf(cause).split('\n')[0]
    throw new EngineError('engine.driver-missing', `The package ${name} is installed and does not load: ${reason}`, {
      hint: `Was it built for this version of Node? npm rebuild ${name}`,
      cause,
    })
  }
}
