// The option tables of the commands → Node's own parser → what was typed.

import { parseArgs } from 'node:util'
import type { AnyCommand, FlagSpec, OptionSpec, OptionTable } from '../commands/workplace/command.js'
import { commands } from '../commands/index.js'
import { UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import { completionFlag, completions, completionScript } from './completion.js'
import { commandHelp, completionHelp, programHelp } from './help.js'
import { commonOptions, flagName } from './options.js'
import { answerToOption } from './other-options.js'
import { answerTo, messageOption } from './other-tools.js'

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
  if (command === undefined) throw unknownCommand(typed, others)
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

function parseCommand(command: AnyCommand, argv: readonly string[]): Parsed {
  const table: OptionTable = { ...commonOptions, ...command.options }
  const { positionals, tokens } = parseArgs({
    args: argv.map((word, index) => shielded(word, argv[index - 1], table)),
    options: Object.fromEntries(Object.entries(table).map(([name, spec]) => [flagName(name), parsedAs(spec)])),
    allowPositionals: true,
    strict: false, // its messages would be its own
    tokens: true,
  })
  const given = tokens.filter((token) => token.kind === 'option')
  // First: the value of an option that is not known looks like an argument.
  const options = optionsOf(command, table, given)
  return { kind: 'command', command, options: { ...argumentsOf(command, positionals.map(unshielded)), ...options } }
}

function parsedAs(spec: OptionSpec): { readonly type: 'boolean' | 'string'; readonly short?: string } {
  return {
    type: spec.kind === 'flag' ? 'boolean' : 'string',
    ...('alias' in spec && { short: spec.alias }),
  }
}

/** A relative target looks like an option; behind this sign it is none. */
const shield = '\0'

/** @throws UsageError `target.unknown` */
function shielded(word: string, before: string | undefined, table: OptionTable): string {
  const option = before === undefined || before.includes('=') ? undefined : specNamed(before, table)
  const isValue = option !== undefined && option[1].kind !== 'flag'
  if (!/^-\d/.test(word) || isValue) return word
  if (/^-\d+$/.test(word)) return `${shield}${word}`
  throw new UsageError('target.unknown', `“${word}” is no form of target.`, {
    hint: 'Relative targets are a sign and a number: -1, +2.',
  })
}

function unshielded(word: string): string {
  return word.startsWith(shield) ? word.slice(shield.length) : word
}

function asksHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h')
}

function argumentsOf(command: AnyCommand, typed: readonly string[]): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  let rest = typed
  for (const [name, { kind }] of Object.entries(command.arguments)) {
    if (rest.length === 0) break
    values[name] = kind === 'list' ? rest : rest[0]
    rest = kind === 'list' ? [] : rest.slice(1)
  }
  if (rest.length > 0) throw noPlace(command, rest)
  return values
}

/** An option as Node's parser found it. */
interface Given {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function optionsOf(
  command: AnyCommand,
  table: OptionTable,
  given: readonly Given[],
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const { name, rawName, value, inlineValue } of given) {
    const [key, spec] = specNamed(rawName, table) ?? []
    if (key === undefined || spec === undefined) throw unknownOption(rawName, table, command.name)
    if (spec.kind !== 'list' && Object.hasOwn(values, key)) throw givenTwice(name, given)
    values[key] = valueOf(command, name, spec, value, inlineValue === true, values[key])
  }
  return values
}

function valueOf(
  command: AnyCommand,
  flag: string,
  spec: OptionSpec,
  value: string | undefined,
  isInline: boolean,
  before: unknown,
): unknown {
  if (spec.kind === 'flag') {
    if (value === undefined) return true
    throw new UsageError('usage.bad-option', `--${flag} takes no value.`, { hint: `mig ${command.name} --${flag}` })
  }
  if (value === undefined || (!isInline && /^--?[a-z]/i.test(value))) throw wantsValue(command, flag, spec)
  if (spec.kind === 'list') {
    const word = spec.choices === undefined ? value : chosen(flag, spec.choices, value)
    return [...((before as readonly string[] | undefined) ?? []), word]
  }
  if (spec.kind === 'choice') return chosen(flag, spec.choices, value)
  if (spec.kind !== 'number') return value
  const number = Number(value)
  const isFit = spec.whole === true ? Number.isSafeInteger(number) : Number.isFinite(number)
  if (value !== '' && isFit && number >= 0) return number
  const wanted = spec.whole === true ? 'a whole number' : 'a number'
  throw new UsageError('usage.bad-option', `--${flag} takes ${wanted} of 0 or more, and got “${value}”.`, {
    hint: `--${flag} ${spec.default ?? 1}`,
  })
}

function chosen(flag: string, choices: readonly string[], value: string): string {
  if (choices.includes(value)) return value
  const [alike] = nearest(value, choices, 1)
  throw new UsageError('usage.bad-option', `--${flag} takes one of ${choices.join(', ')}, and got “${value}”.`, {
    hint: `--${flag} ${alike ?? choices[0]}`,
  })
}

function commonOption(word: string): OptionSpec | undefined {
  return specNamed(word, commonOptions)?.[1]
}

/** The key and the table's line of an option as it is typed: `--env`, `--env=test`, `-q`. */
function specNamed(word: string, table: OptionTable): readonly [key: string, spec: OptionSpec] | undefined {
  const name = word.replace(/^--?/, '').split('=')[0]
  return Object.entries(table).find(
    ([key, spec]) =>
      (word.startsWith('--') && flagName(key) === name) ||
      (/^-[^-]/.test(word) && 'alias' in spec && spec.alias === name),
  )
}

function unknownCommand(typed: string, others: readonly string[]): UsageError {
  const answer = answerTo([typed, ...others.filter((word) => !word.startsWith('-'))])
  if (answer !== null)
    return new UsageError('usage.unknown-command', `mig has no command “${typed}”; ${answer.does}.`, {
      hint: answer.line,
    })
  const names = [...commands.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]), 'completion', 'help']
  const [alike] = nearest(typed, names, 1)
  return new UsageError('usage.unknown-command', `mig has no command “${typed}”.`, {
    hint: alike === undefined ? 'See all with: mig --help' : `Did you mean: mig ${alike}`,
  })
}

/** The message of a new revision is an option; what it is without one is clear. */
function noPlace({ name, options }: AnyCommand, words: readonly string[]): UsageError {
  const text = words.join(' ')
  const isMessage = 'message' in options
  return new UsageError('usage.bad-option', `There is no place for “${text}” in mig ${name}.`, {
    hint: isMessage ? `mig ${name} ${messageOption(text)}` : 'Put texts with spaces into quotes.',
  })
}

function givenTwice(flag: string, given: readonly Given[]): UsageError {
  const times = given.filter(({ name }) => name === flag).length
  return new UsageError('usage.bad-option', `--${flag} was given ${times} times.`, { hint: 'Give it once.' })
}

function wantsValue({ name }: AnyCommand, flag: string, spec: Exclude<OptionSpec, FlagSpec>): UsageError {
  return new UsageError('usage.bad-option', `--${flag} needs a value.`, { hint: `mig ${name} --${flag} ${spec.value}` })
}

function unknownOption(flag: string, table: OptionTable, command?: string): UsageError {
  const names = Object.keys(table).map(flagName)
  const [alike] = nearest(flag.replace(/^--?/, ''), names, 1)
  const where = command === undefined ? 'mig' : `mig ${command}`
  const answer = command === undefined ? null : answerToOption(command, flag)
  if (answer !== null)
    return new UsageError('usage.bad-option', `${where} has no option ${flag}; ${answer.does}.`, { hint: answer.line })
  return new UsageError('usage.bad-option', `${where} has no option ${flag}.`, {
    hint: alike === undefined ? `See: ${where} --help` : `Did you mean --${alike}?`,
  })
}
