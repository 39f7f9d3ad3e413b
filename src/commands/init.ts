// init: a configuration, a folder and a template to begin with.

import { configNames } from '../files/config.js'
import { ownTemplate, writeAllNew } from '../files/write.js'
import { defineCommand } from './workplace/command.js'

export interface InitResult {
  /** What was written, from the folder where mig was started. */
  readonly files: readonly string[]
}

export const init = defineCommand({
  name: 'init',
  summary: 'Set a project up: configuration, folder, template',
  description:
    'Writes mig.config.ts, the folder migrations and the template that `mig generate` uses. Overwrites nothing: when one of the files is there, none is written.',
  arguments: {},
  options: {},
  examples: [['mig init', 'in the folder of your package.json']],
  needs: 'nothing',
  changes: true,
  run: async (options) => {
    const cwd = options.cwd ?? process.cwd()
    const files = [
      { name: 'mig.config.ts', text: ownTemplate('config') },
      { name: 'migrations/_template.ts.tmpl', text: ownTemplate('migration') },
    ]
    writeAllNew(
      cwd,
      files,
      configNames.filter((name) => name !== 'mig.config.ts'),
    )
    return Promise.resolve<InitResult>({ files: files.map(({ name }) => name) })
  },
  format: ({ files }, style) =>
    `${files.map((name) => `Wrote ${style.bold(name)}`).join('\n')}\n\nNext: mig generate -m "create users"`,
})
