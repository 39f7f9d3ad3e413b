// Options of the commands that change a database.

import { UsageError } from '../../core/errors.js'
import type { ArgumentSpec, ChoiceSpec, FlagSpec, NumberSpec, OptionsOf, OptionTable } from '../workplace/command.js'

export const lockTimeout = {
  kind: 'number',
  value: 'SECONDS',
  describe: 'How long to wait for another run to end',
  default: 90,
} as const satisfies NumberSpec

/** How a run keeps others away. */
export const lock = {
  kind: 'choice',
  value: 'session|lease',
  choices: ['session', 'lease'],
  describe:
    'How runs are kept apart: a lock of the session, or a lease with a heartbeat; default: a lease behind a pooler and on Galera',
} as const satisfies ChoiceSpec

export const allowUnknown = {
  kind: 'flag',
  describe: 'Go on although the database has revisions that no file has',
} as const satisfies FlagSpec

/** Nobody needs it to go on: it is only for whoever means to have two. */
export const newHistory = {
  kind: 'flag',
  describe:
    'Begin a history here although there is one of these revisions elsewhere in the database: all of them run again',
} as const satisfies FlagSpec

/** What upgrade and downgrade have in common. */
export const runOptions = {
  dryRun: { kind: 'flag', describe: 'Show what would run; change nothing' },
  transaction: {
    kind: 'choice',
    value: 'each|all|none',
    choices: ['each', 'all', 'none'],
    default: 'each',
    describe: 'One transaction for each migration, one for all of them, or none',
  },
  resume: { kind: 'flag', describe: 'Go on with a migration that stopped in the middle' },
  interrupted: {
    kind: 'list',
    value: 'done|not-done',
    choices: ['done', 'not-done'],
    describe:
      'With --resume: what became of a statement of which the catalog cannot tell; once for each that is asked for',
  },
  timeout: {
    kind: 'number',
    value: 'SECONDS',
    describe: 'How long one migration may take; default: as long as it likes',
  },
  onLock: {
    kind: 'choice',
    value: 'wait|fail|follow',
    choices: ['wait', 'fail', 'follow'],
    default: 'wait',
    describe: 'When another run is at work: wait for it, fail, or follow it until it has done what is asked here',
  },
  lockTimeout,
  lockRetries: {
    kind: 'number',
    value: 'N',
    whole: true,
    describe: 'How often a migration is tried again that was rolled back because it waited for others',
    default: 5,
  },
  lock,
  allowChanged: { kind: 'flag', describe: 'Go on although files of applied revisions have changed' },
  allowUnknown,
} as const satisfies OptionTable

export type RunOptions = OptionsOf<Record<never, ArgumentSpec>, typeof runOptions>

/** @throws UsageError `usage.bad-option` where an option means nothing without another */
export function assertRunOptions({ resume, interrupted }: RunOptions): void {
  if (interrupted === undefined || interrupted.length === 0 || resume === true) return
  throw new UsageError(
    'usage.bad-option',
    '--interrupted answers what --resume asks, and --resume was not given. Nothing was changed.',
    { hint: 'See what is unfinished: mig current' },
  )
}

/** The command line for the journal, and for those who wait. */
export function typedAs(command: string, target: string | undefined, { resume }: RunOptions): string {
  return [command, ...(target === undefined ? [] : [target]), ...(resume === true ? ['--resume'] : [])].join(' ')
}
