// The usage texts, made from the same tables that the command line is read with.

import type { AnyCommand, ArgumentTable, OptionTable } from '../commands/workplace/command.js'
import { commands } from '../commands/index.js'
import { alignColumns, wrapText } from '../core/render/columns.js'
import { commonOptions, flagName } from './options.js'

/** A name and what it means: a line of a list. */
type Entry = readonly [name: string, means: string]

const longestLine = 100
const narrowestColumn = 30

/** What `mig --help` prints. `width` is the terminal's. */
export function programHelp(width: number): string {
  const listed = commands.map(({ name, aliases = [], summary }): Entry => {
    const also = aliases.length === 0 ? '' : ` (also: ${aliases.join(', ')})`
    return [name, `${summary}${also}`]
  })
  return sections(width, [
    'Database migrations in TypeScript: a graph of revisions, on Knex.',
    'Usage: mig COMMAND [OPTIONS]',
    [
      'Commands:',
      [...listed, ['completion', 'Print a script that completes commands, options and revisions in your shell']],
    ],
    ['Everywhere:', [...optionEntries(commonOptions), helpEntry, ['    --version', 'The version of mig']]],
    'mig COMMAND --help shows the arguments, options and examples of a command.',
  ])
}

/** What `mig COMMAND --help` prints. */
export function commandHelp(command: AnyCommand, width: number): string {
  const parameters = Object.entries(command.arguments).map(
    ([name, { kind }]) => `[${name.toUpperCase()}${kind === 'list' ? '…' : ''}]`,
  )
  return sections(width, [
    `Usage: mig ${[command.name, ...parameters].join(' ')} [OPTIONS]`,
    command.description,
    ['Arguments:', argumentEntries(command.arguments)],
    ['Options:', optionEntries(command.options)],
    ['Everywhere:', [...optionEntries(commonOptions), helpEntry]],
    ['Examples:', command.examples],
  ])
}

export function completionHelp(width: number): string {
  return sections(width, [
    'Usage: mig completion [SHELL]',
    'Prints a script that completes commands, options, revisions and branch labels. SHELL is bash or zsh; default: what the environment variable SHELL names.',
    [
      'Examples:',
      [
        ['mig completion bash >> ~/.bashrc', 'for bash'],
        ['mig completion zsh >> ~/.zshrc', 'for zsh, below the line that calls compinit'],
      ],
    ],
  ])
}

const helpEntry: Entry = ['-h, --help', 'This text']

function argumentEntries(table: ArgumentTable): readonly Entry[] {
  return Object.entries(table).map(([name, { describe }]) => [name.toUpperCase(), describe])
}

function optionEntries(table: OptionTable): readonly Entry[] {
  return Object.entries(table).map(([name, spec]) => {
    const short = 'alias' in spec ? `-${spec.alias}, ` : '    '
    const value = 'value' in spec ? ` ${spec.value}` : ''
    const standard = 'default' in spec ? ` (default: ${spec.default})` : ''
    return [`${short}--${flagName(name)}${value}`, `${spec.describe}${standard}`]
  })
}

/** Paragraphs and lists with a heading, an empty line between them; an empty list is left out. */
function sections(
  terminalWidth: number,
  parts: readonly (string | readonly [heading: string, entries: readonly Entry[]])[],
): string {
  const width = Math.min(terminalWidth, longestLine)
  return parts
    .filter((part) => typeof part === 'string' || part[1].length > 0)
    .map((part) => (typeof part === 'string' ? wrapText(part, width).join('\n') : list(part[0], part[1], width)))
    .join('\n\n')
}

/** Meanings stand in a column of their own where there is room; what does not fit goes on below its beginning. */
function list(heading: string, entries: readonly Entry[], width: number): string {
  const indent = Math.max(...entries.map(([name]) => name.length)) + 4
  if (width - indent < narrowestColumn)
    return [
      heading,
      ...entries.flatMap(([name, means]) => [`  ${name}`, ...wrapText(means, width - 6).map(indented)]),
    ].join('\n')
  const rows = entries.flatMap(([name, means]) =>
    wrapText(means, width - indent).map((line, index) => [`  ${index === 0 ? name : ''}`, line]),
  )
  return [heading, ...alignColumns(rows)].join('\n')
}

function indented(line: string): string {
  return `      ${line}`
}
