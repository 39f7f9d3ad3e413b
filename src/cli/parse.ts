// The option tables of the commands → yargs → what was typed.

import yargs, { type Argv, type Options } from 'yargs'
import type { AnyCommand, ArgumentTable, ChoiceSpec, OptionSpec, OptionTable } from '../commands/command.js'
import { commands } from '../commands/index.js'
import { UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import { completionFlag, completions, completionScript } from './completion.js'
import { commandHelp, completionHelp, programHelp } from './help.js'
import { commonOptions, flagName } from './options.js'

/** What was typed: a command with its options, or a text that was asked for. */
export type Parsed =
  | { readonly kind: 'command'; readonly command: AnyCommand; readonly options: Readonly<Record<string, unknown>> }
  | { readonly kind: 'text'; readonly name: 'help' | 'version' | 'completion'; readonly text: string }

export interface ParseRequest {
  readonly version: string
  readonly width: number
  /** The shell of the user, as the environment variable SHELL names it. */
  readonly shell: string | undefined
  /** Revisions and labels, for completion. */
  readonly readNames: () => Promise<readonly string[]>
}

/**
 * Reads a command line. Options that every command has may stand before the command.
 * @throws UsageError `usage.*`
 */
export async function parse(argv: readonly string[], request: ParseRequest): Promise<Parsed> {
  if (argv[0] === completionFlag)
    return text('completion', (await completions(argv.slice(1), request.readNames)).join('\n'))
  const place = commandPlace(argv)
  const typed = argv[place]
  if (typed === undefined) return parseGlobal(argv, request)
  const others = argv.toSpliced(place, 1)
  if (typed === 'help') return parse([...others, '--help'], request)
  if (typed === 'completion') return parseCompletion(others, request)
  const command = commands.find(({ name, aliases }) => name === typed || (aliases ?? []).includes(typed))
  if (command === undefined) throw unknownCommand(typed)
  return asksHelp(others) ? text('help', commandHelp(command, request.width)) : parseCommand(command, others)
}

function text(name: 'help' | 'version' | 'completion', content: string): Parsed {
  return { kind: 'text', name, text: content }
}

/** The first word that is neither a common option nor the value of one; -1 when there is none, or an unknown option. */
function commandPlace(argv: readonly string[]): number {
  for (let place = 0; place < argv.length; place++) {
    const word = argv[place] ?? ''
    if (!word.startsWith('-')) return place
    const spec = commonOption(word)
    if (spec === undefined && !asksHelp([word])) return -1
    if (spec !== undefined && spec.kind !== 'flag' && !word.includes('=')) place++
  }
  return -1
}

function parseGlobal(argv: readonly string[], { version, width }: ParseRequest): Parsed {
  if (argv.includes('--version') || argv.includes('-V')) return text('version', version)
  const unknown = argv.find((word) => word.startsWith('-') && !asksHelp([word]) && commonOption(word) === undefined)
  if (unknown !== undefined) throw unknownOption(unknown, commonOptions)
  return text('help', programHelp(width))
}

function parseCompletion(argv: readonly string[], { width, shell }: ParseRequest): Parsed {
  if (asksHelp(argv)) return text('help', completionHelp(width))
  return text(
    'completion',
    completionScript(
      argv.find((word) => !word.startsWith('-')),
      shell,
    ),
  )
}

async function parseCommand(command: AnyCommand, argv: readonly string[]): Promise<Parsed> {
  const typed = (await commandParser(command, argv).parseAsync([...argv])) as Readonly<Record<string, unknown>> & {
    readonly _: readonly (string | number)[]
  }
  const table: OptionTable = { ...commonOptions, ...command.options }
  const options = { ...argumentsOf(command.arguments, typed._.map(String)), ...optionsOf(table, typed) }
  return { kind: 'command', command, options }
}

function asksHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h')
}

function commandParser(command: AnyCommand, argv: readonly string[]): Argv {
  const parser = yargs()
    .detectLocale(false) // its messages are read below
    .exitProcess(false)
    .version(false)
    .help(false)
    .parserConfiguration({
      'boolean-negation': false,
      'greedy-arrays': false,
      'camel-case-expansion': false,
      'parse-positional-numbers': false,
      'parse-numbers': false,
    })
    .strictOptions()
    .fail((message, error) => {
      throw error instanceof UsageError ? error : usageError(command, message, argv)
    })
  for (const [name, spec] of Object.entries({ ...command.options, ...commonOptions }))
    parser.option(flagName(name), yargsOption(spec))
  return parser
}

function yargsOption(spec: OptionSpec): Options {
  return {
    type: spec.kind === 'flag' ? 'boolean' : 'string',
    ...(spec.kind === 'list' && { array: true }),
    ...(spec.kind !== 'flag' && { requiresArg: true }),
    ...('alias' in spec && { alias: spec.alias ?? [] }),
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
  if (spec.kind === 'choice') return chosen(flag, spec, value)
  if (spec.kind !== 'number') return value
  const number = Number(value)
  if (value !== '' && Number.isFinite(number) && number >= 0) return number
  throw new UsageError('usage.bad-option', `--${flag} wants a number of 0 or more, and got “${String(value)}”.`, {
    hint: `--${flag} ${spec.default ?? 1}`,
  })
}

function chosen(flag: string, { choices }: ChoiceSpec, value: unknown): unknown {
  if (choices.includes(String(value))) return value
  const [alike] = nearest(String(value), choices, 1)
  throw new UsageError(
    'usage.bad-option',
    `--${flag} wants one of ${choices.join(', ')}, and got “${String(value)}”.`,
    {
      hint: `--${flag} ${alike ?? choices[0]}`,
    },
  )
}

function commonOption(word: string): OptionSpec | undefined {
  const name = word.replace(/^--?/, '').split('=')[0]
  return Object.entries<OptionSpec>(commonOptions).find(
    ([key, spec]) => flagName(key) === name || ('alias' in spec && spec.alias === name),
  )?.[1]
}

function unknownCommand(typed: string): UsageError {
  const names = [...commands.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]), 'completion', 'help']
  const [alike] = nearest(typed, names, 1)
  return new UsageError('usage.unknown-command', `mig has no command “${typed}”.`, {
    hint: alike === undefined ? 'See all with: mig --help' : `Did you mean: mig ${alike}`,
  })
}

/** What yargs found wrong, in our words. */
function usageError(command: AnyCommand, message: string, argv: readonly string[]): UsageError {
  const table: OptionTable = { ...commonOptions, ...command.options }
  const unknown = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(', ')[0]
  const target = argv.find((word) => /^-\d/.test(word) && word.slice(1).startsWith(unknown ?? ' '))
  if (target !== undefined)
    return new UsageError('target.unknown', `“${target}” is no form of target.`, {
      hint: 'Relative targets are a sign and a number: -1, +2.',
    })
  if (unknown !== undefined) return unknownOption(`${unknown.length === 1 ? '-' : '--'}${unknown}`, table, command.name)
  const wanting = /^Not enough arguments following: (.+)$/.exec(message)?.[1]
  const [name, spec] =
    Object.entries(table).find(
      ([key, candidate]) => flagName(key) === wanting || ('alias' in candidate && candidate.alias === wanting),
    ) ?? []
  if (name !== undefined && spec !== undefined && 'value' in spec)
    return new UsageError('usage.bad-option', `--${flagName(name)} wants a value.`, {
      hint: `mig ${command.name} --${flagName(name)} ${spec.value}`,
    })
  return new UsageError('usage.bad-option', message.replace(/\.?$/, '.'), { hint: `See: mig ${command.name} --help` })
}

function unknownOption(flag: string, table: OptionTable, command?: string): UsageError {
  const names = Object.keys(table).map(flagName)
  const [alike] = nearest(flag.replace(/^--?/, ''), names, 1)
  const where = command === undefined ? 'mig' : `mig ${command}`
  return new UsageError('usage.bad-option', `${where} has no option ${flag}.`, {
    hint: alike === undefined ? `See: ${where} --help` : `Did you mean --${alike}?`,
  })
}
