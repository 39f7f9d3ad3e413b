// The options that every command has on the terminal.

import type { FlagSpec, NumberSpec, TextSpec } from '../commands/workplace/command.js'

export const commonOptions = {
  config: { kind: 'text', value: 'FILE', describe: 'Configuration file; default: mig.config.* here or above' },
  env: {
    kind: 'text',
    value: 'NAME',
    describe: 'Environment of the configuration; default: MIG_ENV, else development',
  },
  databaseUrl: { kind: 'text', value: 'URL', describe: 'Database, before every other setting' },
  connectTimeout: {
    kind: 'number',
    value: 'SECONDS',
    describe: 'How long to try while the server does not answer; default: 30 to change a database, 0 to look',
  },
  cwd: { kind: 'text', value: 'FOLDER', describe: 'Folder to start from' },
  json: { kind: 'flag', describe: 'One JSON document on standard output' },
  quiet: { kind: 'flag', alias: 'q', describe: 'Only errors, and answers that were asked for' },
  verbose: { kind: 'flag', alias: 'v', describe: 'Details; each SQL statement with its time' },
  noColor: { kind: 'flag', describe: 'No colours (also: NO_COLOR)' },
  debug: { kind: 'flag', describe: 'Stack traces' },
} as const satisfies Readonly<Record<string, TextSpec | FlagSpec | NumberSpec>>

/** `allowChanged` → `allow-changed` */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
