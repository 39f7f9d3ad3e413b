// The reference pages, made from the commands' own tables and the list of codes. A test holds the files to it.

import type { AnyCommand, OptionSpec } from '../src/commands/workplace/command.js'
import { commands } from '../src/commands/index.js'
import { commonOptions, flagName } from '../src/cli/options.js'
import { codes, exitCodes, type Kind } from '../src/core/codes.js'

export interface Page {
  /** Beside this file. */
  readonly path: string
  readonly text: string
}

export function referencePages(): readonly Page[] {
  return [
    { path: './commands.md', text: commandsPage() },
    { path: './errors.md', text: errorsPage() },
  ]
}

const notice = '<!-- Made by `npm run docs` from the source; change it there. -->'

function commandsPage(): string {
  return (
    [
      '# Commands',
      notice,
      'Each command is also a function of the library, with the same name, options and result.',
      ...commands.map(commandSection),
      ['## Everywhere', optionTable(commonOptions)].join('\n\n'),
    ].join('\n\n') + '\n'
  )
}

function commandSection(command: AnyCommand): string {
  const parameters = Object.entries(command.arguments).map(
    ([name, { kind }]) => `[${name.toUpperCase()}${kind === 'list' ? '…' : ''}]`,
  )
  const also =
    command.aliases === undefined
      ? []
      : [`Also called ${command.aliases.map((alias) => `\`mig ${alias}\``).join(', ')}.`]
  return [
    `## mig ${[command.name, ...parameters].join(' ')}`,
    `${command.summary}.`,
    command.description,
    ...also,
    ...(parameters.length === 0
      ? []
      : [
          Object.entries(command.arguments)
            .map(([name, { describe }]) => `- \`${name.toUpperCase()}\`: ${describe}`)
            .join('\n'),
        ]),
    ...(Object.keys(command.options).length === 0 ? [] : [optionTable(command.options)]),
    ['```sh', ...command.examples.map(([line, does]) => `${line.padEnd(60)} # ${does}`), '```'].join('\n'),
  ].join('\n\n')
}

function optionTable(options: Readonly<Record<string, OptionSpec>>): string {
  const rows = Object.entries(options).map(([name, spec]) => {
    const flag = `--${flagName(name)}${'value' in spec ? ` ${spec.value.replaceAll('|', '\\|')}` : ''}`
    const alias = 'alias' in spec ? `\`-${spec.alias}\`, ` : ''
    const fallback = 'default' in spec && spec.default !== undefined ? ` (default: ${spec.default})` : ''
    const several = spec.kind === 'list' ? ' May be given several times.' : ''
    return `| ${alias}\`${flag}\` | \`${name}\` | ${spec.describe.replaceAll('|', '\\|')}${fallback}.${several} |`
  })
  return ['| on the terminal | in the library | |', '|---|---|---|', ...rows].join('\n')
}

const kindTitles: Readonly<Record<Kind, string>> = {
  migration: 'A migration failed',
  usage: 'A command or setting is not right',
  lock: 'Another run is at work',
  graph: 'The migrations folder is not sound',
  history: 'Files and database disagree',
  partial: 'A migration stopped in the middle',
  finding: '`mig check` found something',
  engine: 'The database cannot be used',
  interrupted: 'The run was stopped',
  internal: 'A fault of mig',
}

function errorsPage(): string {
  const kinds = Object.keys(kindTitles) as Kind[]
  return (
    [
      '# Errors by code',
      notice,
      'A code never changes its meaning. `--json` prints it as `error.code`, and of a run that had begun, beside it: `place`, `from`, `to` (the heads now; null where nobody knows) and `steps`, each with its `state`: done, failed, unfinished, unknown or pending. In the library it is `error.run`.',
      ...kinds.map(kindSection),
    ].join('\n\n') + '\n'
  )
}

function kindSection(kind: Kind): string {
  const entries = Object.entries(codes).filter(([, meaning]) => meaning.kind === kind)
  const exit = kind === 'interrupted' ? '130 (SIGINT), 143 (SIGTERM, SIGHUP)' : String(exitCodes[kind])
  return [
    `## ${kindTitles[kind]}: exit ${exit}`,
    ...entries.map(([code, { means, act }]) => `### ${code}\n\n${means}\n\n${act}`),
  ].join('\n\n')
}
