// The option tables of the commands → yargs → what was typed.

import yargs, { type Argv, type Options } from 'yargs'
import type { AnyCommand, OptionSpec, OptionTable, ArgumentTable } from '../commands/command.js'
import { commands } from '../commands/index.js'
import { UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import { commonOptions, flagName } from './options.js'

/** What was typed: a command with its options, or a text that was asked for. */
export type Parsed =
  | { readonly kind: 'command'; readonly command: AnyCommand; readonly options: Readonly<Record<string, unknown>> }
  | { readonly kind: 'text'; readonly text: string }

export interface ParseRequest {
  readonly version: string
  readonly width: number
  /** Revisions and labels, for completion. */
  readonly completions: () => Promise<readonly string[]>
}

/**
 * Reads a command line.
 * @throws UsageError `usage.*`
 */
export async function parse(argv: readonly string[], request: ParseRequest): Promise<Parsed> {
  const [first] = argv
  if (first === undefined) return { kind: 'text', text: await helpText(null, request) }
  if (first === 'help') return parse([...argv.slice(1), '--help'], request)
  const command = commands.find(({ name, aliases }) => name === first || (aliases ?? []).includes(first))
  if (command === undefined && !first.startsWith('-') && first !== 'completion') throw unknownCommand(first)
  return command === undefined ? parseGlobal(argv, request) : parseCommand(command, argv.slice(1), request)
}

/** The usage text of a command, or of mig. */
export async function helpText(command: AnyCommand | null, request: ParseRequest): Promise<string> {
  return (command === null ? program(request) : commandParser(command, request)).getHelp()
}

async function parseGlobal(argv: readonly string[], request: ParseRequest): Promise<Parsed> {
  if (argv.includes('--version') || argv.includes('-V')) return { kind: 'text', text: request.version }
  let text = ''
  const parser = program(request)
  await parser.parseAsync([...argv], {}, (_error, _parsed, output) => {
    text = output
  })
  const unknown = argv.find(
    (item) => item.startsWith('-') && item !== '--help' && item !== '-h' && !item.startsWith('--get-yargs-completions'),
  )
  if (unknown !== undefined && !isCommon(unknown)) throw unknownOption(unknown, commonOptions)
  return { kind: 'text', text: text === '' ? await parser.getHelp() : text }
}

async function parseCommand(command: AnyCommand, argv: readonly string[], request: ParseRequest): Promise<Parsed> {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'text', text: await helpText(command, request) }
  const typed = (await commandParser(command, request).parseAsync([...argv])) as Readonly<Record<string, unknown>> & {
    readonly _: readonly (string | number)[]
  }
  const table: OptionTable = { ...commonOptions, ...command.options }
  const options = { ...argumentsOf(command.arguments, typed._.map(String)), ...optionsOf(table, typed) }
  return { kind: 'command', command, options }
}

function program({ version, width, completions }: ParseRequest): Argv {
  const parser = yargs()
    .scriptName('mig')
    .usage('Database migrations in TypeScript: a graph of revisions, on Knex.\n\nUsage: mig COMMAND [OPTIONS]')
    .wrap(Math.min(width, 100))
    .exitProcess(false)
    .version(version)
    .help()
    .alias('help', 'h')
    .epilogue('mig COMMAND --help shows the options and examples of a command.')
    .parserConfiguration(parserSettings)
    .completion(
      'completion',
      'Print a script that completes commands and revisions in your shell',
      async (word: string) => (await completions()).filter((name) => name.startsWith(word)),
    )
  for (const { name, aliases, summary } of commands) parser.command([name, ...(aliases ?? [])], summary)
  return parser
}

const parserSettings = {
  'boolean-negation': false,
  'greedy-arrays': false,
  'camel-case-expansion': false,
  'parse-positional-numbers': false,
  'parse-numbers': false,
} as const

function commandParser(command: AnyCommand, { width }: ParseRequest): Argv {
  const parameters = Object.entries(command.arguments).map(
    ([name, { kind }]) => `[${name.toUpperCase()}${kind === 'list' ? '…' : ''}]`,
  )
  const parser = yargs()
    .scriptName('mig')
    .usage(
      [
        `Usage: mig ${command.name} ${[...parameters, '[OPTIONS]'].join(' ')}`,
        command.description,
        ...argumentLines(command.arguments),
      ].join('\n\n'),
    )
    .wrap(Math.min(width, 100))
    .exitProcess(false)
    .version(false)
    .help()
    .alias('help', 'h')
    .parserConfiguration(parserSettings)
    .strictOptions()
    .fail((message, error) => {
      throw error instanceof UsageError ? error : usageError(command, message)
    })
  for (const [name, spec] of Object.entries(command.options))
    parser.option(flagName(name), yargsOption(spec, 'Options:'))
  for (const [name, spec] of Object.entries(commonOptions))
    parser.option(flagName(name), yargsOption(spec, 'Everywhere:'))
  for (const [line, does] of command.examples) parser.example(line, does)
  return parser.group('help', 'Everywhere:')
}

function argumentLines(table: ArgumentTable): readonly string[] {
  const lines = Object.entries(table).map(([name, { describe }]) => `  ${name.toUpperCase()}  ${describe}`)
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function yargsOption(spec: OptionSpec, group: string): Options {
  const type = spec.kind === 'flag' ? 'boolean' : 'string'
  return {
    describe: 'value' in spec ? `${spec.describe} [${spec.value}]` : spec.describe,
    group,
    type,
    ...(spec.kind === 'list' && { array: true }),
    ...(spec.kind !== 'flag' && { requiresArg: true }),
    ...('alias' in spec && { alias: spec.alias ?? [] }),
    ...(spec.kind === 'number' && spec.default !== undefined && { defaultDescription: String(spec.default) }),
  }
}

function argumentsOf(table: ArgumentTable, typed: readonly string[]): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  let rest = typed
  for (const [name, { kind }] of Object.entries(table)) {
    if (rest.length === 0) break
    values[name] = kind === 'list' ? rest : rest[0]
    rest = kind === 'list' ? [] : rest.slice(1)
  }
  if (rest.length > 0)
    throw new UsageError('usage.bad-option', `There is no place for “${rest.join(' ')}” in this command.`, {
      hint: 'Put texts with spaces into quotes.',
    })
  return values
}

function optionsOf(table: OptionTable, typed: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(table)) {
    const value = typed[flagName(name)]
    if (value !== undefined) values[name] = valueOf(flagName(name), spec, value)
  }
  return values
}

function valueOf(flag: string, spec: OptionSpec, value: unknown): unknown {
  if (spec.kind !== 'list' && Array.isArray(value))
    throw new UsageError('usage.bad-option', `--${flag} was given ${value.length} times.`, { hint: 'Give it once.' })
  if (spec.kind !== 'number') return value
  const number = Number(value)
  if (value !== '' && Number.isFinite(number) && number >= 0) return number
  throw new UsageError('usage.bad-option', `--${flag} wants a number of 0 or more, and got “${String(value)}”.`, {
    hint: `--${flag} ${spec.default ?? 1}`,
  })
}

function isCommon(flag: string): boolean {
  const name = flag.replace(/^--?/, '').split('=')[0]
  return Object.entries(commonOptions).some(
    ([key, spec]) => flagName(key) === name || ('alias' in spec && spec.alias === name),
  )
}

function unknownCommand(typed: string): UsageError {
  const names = commands.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])])
  const [alike] = nearest(typed, names, 1)
  return new UsageError('usage.unknown-command', `mig has no command “${typed}”.`, {
    hint: alike === undefined ? 'See all with: mig --help' : `Did you mean: mig ${alike}`,
  })
}

function usageError(command: AnyCommand, message: string): UsageError {
  const unknown = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(', ')[0]
  if (unknown !== undefined)
    return unknownOption(
      `${unknown.length === 1 ? '-' : '--'}${unknown}`,
      { ...commonOptions, ...command.options },
      command.name,
    )
  return new UsageError('usage.bad-option', `${message.replace(/\.?$/, '.')}`, {
    hint: `See: mig ${command.name} --help`,
  })
}

function unknownOption(flag: string, table: OptionTable, command?: string): UsageError {
  const names = Object.keys(table).map(flagName)
  const [alike] = nearest(flag.replace(/^--?/, ''), names, 1)
  const where = command === undefined ? 'mig' : `mig ${command}`
  return new UsageError('usage.bad-option', `${where} has no option ${flag}.`, {
    hint: alike === undefined ? `See: ${where} --help` : `Did you mean --${alike}?`,
  })
}
