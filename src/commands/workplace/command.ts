// Command: what can be asked. One table defines a command for the terminal, the library and the reference.

import type { Listener } from '../../core/event.js'
import type { Style } from '../../core/render/style.js'
import type { UserConfig } from '../../files/config-keys.js'

/** What every command takes. */
export interface CommonOptions {
  /** The folder to start from. Default: the process's own. */
  readonly cwd?: string | undefined
  /** A configuration file, or (in the library) the configuration itself. Default: `mig.config.*` in `cwd` or above. */
  readonly config?: string | UserConfig | undefined
  /** The environment of the configuration. Default: `MIG_ENV`, else `development`. */
  readonly env?: string | undefined
  /** Overrides every other setting of the database. */
  readonly databaseUrl?: string | undefined
  /** How long to try again while the server does not answer, in seconds. Default: 30 for commands that change a database, else 0. */
  readonly connectTimeout?: number | undefined
  /** Asked before a command does what cannot be undone; `false` stops it. Without it nobody is asked. */
  readonly confirm?: ((question: Question) => Promise<boolean>) | undefined
  /** Told what happens while it happens. */
  readonly onEvent?: Listener | undefined
  /** Stops the run: the migration at hand is rolled back where that can be. */
  readonly signal?: AbortSignal | undefined
}

/** What a command wants to be sure of. */
export interface Question {
  /** What will be done, line by line. */
  readonly lines: readonly string[]
  /** "Write this?" */
  readonly question: string
}

interface BaseSpec {
  /** One line for `--help`. */
  readonly describe: string
}
export interface TextSpec extends BaseSpec {
  readonly kind: 'text'
  readonly alias?: string
  /** How the value is called in `--help`. */
  readonly value: string
}
/** May be given several times. */
export interface ListSpec extends BaseSpec {
  readonly kind: 'list'
  readonly value: string
  /** Only these words; else any. */
  readonly choices?: readonly string[]
}
export interface NumberSpec extends BaseSpec {
  readonly kind: 'number'
  readonly value: string
  /** Whether a part of one makes no sense. */
  readonly whole?: boolean
  readonly default?: number
}
export interface FlagSpec extends BaseSpec {
  readonly kind: 'flag'
  readonly alias?: string
}
/** One word of a few. */
export interface ChoiceSpec extends BaseSpec {
  readonly kind: 'choice'
  /** The words, as `--help` shows them: `wait|fail|follow`. */
  readonly value: string
  readonly choices: readonly string[]
  readonly default?: string
}
export type OptionSpec = TextSpec | ListSpec | NumberSpec | FlagSpec | ChoiceSpec

export interface ArgumentSpec extends BaseSpec {
  readonly kind: 'text' | 'list'
}

/** Names are those of the library; the terminal writes `allowChanged` as `--allow-changed`. */
export type OptionTable = Readonly<Record<string, OptionSpec>>
export type ArgumentTable = Readonly<Record<string, ArgumentSpec>>

type ValueOf<S extends OptionSpec | ArgumentSpec> = S extends { readonly choices: readonly (infer C)[] }
  ? S['kind'] extends 'list'
    ? readonly C[]
    : C
  : S['kind'] extends 'text'
    ? string
    : S['kind'] extends 'list'
      ? readonly string[]
      : S['kind'] extends 'number'
        ? number
        : boolean

/** The options of a command, as its table says. All may be left out; the command itself tells which it cannot do without. */
export type OptionsOf<A extends ArgumentTable, O extends OptionTable> = CommonOptions & {
  readonly [Name in keyof (A & O)]?: ValueOf<(A & O)[Name]> | undefined
}

interface Description<A extends ArgumentTable, O extends OptionTable, R> {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One line for the list of commands. */
  readonly summary: string
  /** A few sentences for `--help` and the reference. */
  readonly description: string
  /** In their order on the command line. */
  readonly arguments: A
  readonly options: O
  /** Command lines with what each does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  readonly needs: 'nothing' | 'project' | 'database'
  /** Whether it changes files or a database; if not, its result is an answer, which `--quiet` does not silence. */
  readonly changes: boolean
  /** A result that is a file's own text: written as it is, so that it can become a file again. Null: `format` it. */
  readonly verbatim?: (result: R) => string | null
  /** The result as text for people; empty when the events have told everything. */
  readonly format: (result: R, style: Style, detail: Detail) => string
}

/** A command as its file writes it. */
interface Definition<A extends ArgumentTable, O extends OptionTable, R> extends Description<A, O, R> {
  readonly run: (options: OptionsOf<A, O>) => Promise<R>
}

export interface Command<
  A extends ArgumentTable = ArgumentTable,
  O extends OptionTable = OptionTable,
  R = unknown,
> extends Description<A, O, R> {
  /** Whatever is wrong rejects the promise. */
  readonly run: (options?: OptionsOf<A, O>) => Promise<R>
}

/** How much of a result a person wants to see. */
export interface Detail {
  readonly verbose: boolean
}

/** Types a command by its own tables. */
export function defineCommand<const A extends ArgumentTable, const O extends OptionTable, R>(
  command: Definition<A, O, R>,
): Command<A, O, R> {
  return { ...command, run: async (options = {}) => command.run(options) }
}

/** A command whose tables and result are not known here: the list of all of them has many kinds. */
export interface AnyCommand extends Omit<Command, 'run' | 'format' | 'verbatim'> {
  verbatim?(result: unknown): string | null
  run(options?: CommonOptions & Readonly<Record<string, unknown>>): Promise<unknown>
  format(result: unknown, style: Style, detail: Detail): string
}
