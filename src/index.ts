// The public API: each command as a function, with the same name, options and result as on the terminal.

import { branches as branchesCommand } from './commands/branches.js'
import { check as checkCommand } from './commands/check.js'
import { current as currentCommand } from './commands/current.js'
import { downgrade as downgradeCommand } from './commands/downgrade.js'
import { edit as editCommand } from './commands/edit.js'
import { generate as generateCommand } from './commands/generate.js'
import { heads as headsCommand } from './commands/heads.js'
import { history as historyCommand } from './commands/history.js'
import { init as initCommand } from './commands/init.js'
import { lock as lockCommand } from './commands/lock.js'
import { log as logCommand } from './commands/log.js'
import { merge as mergeCommand } from './commands/merge.js'
import { resolve as resolveCommand } from './commands/resolve.js'
import { show as showCommand } from './commands/show.js'
import { stamp as stampCommand } from './commands/stamp.js'
import { upgrade as upgradeCommand } from './commands/upgrade.js'

/** Sets a project up: configuration, folder, template. Throws UsageError `usage.file-exists`. */
export const init = initCommand.run
/** Writes a new migration file. Throws UsageError, GraphError. */
export const generate = generateCommand.run
/** Writes a revision that joins heads. Throws UsageError, GraphError. */
export const merge = mergeCommand.run
/** Applies pending migrations, up to a target. Throws a MigError of any kind. */
export const upgrade = upgradeCommand.run
/** Takes migrations down, to a target. Throws a MigError of any kind. */
export const downgrade = downgradeCommand.run
/** Marks a database as being at a target, without running anything. Throws a MigError of any kind. */
export const stamp = stampCommand.run
/** Where the database stands. Throws UsageError, GraphError, HistoryError, EngineError. */
export const current = currentCommand.run
/** All revisions with what the database says of each. Throws UsageError, GraphError, HistoryError. */
export const history = historyCommand.run
/** The heads of the folder. Throws UsageError, GraphError. */
export const heads = headsCommand.run
/** The branch points of the folder. Throws UsageError, GraphError. */
export const branches = branchesCommand.run
/** Everything about one revision. Throws UsageError, GraphError, HistoryError. */
export const show = showCommand.run
/** Everything that is wrong, as diagnostics; does not throw what it finds. Throws UsageError. */
export const check = checkCommand.run
/** Ends by hand the state of a migration that stopped in the middle. Throws UsageError, LockError, EngineError. */
export const resolve = resolveCommand.run
/** Who is at work on the database, and at what. Throws UsageError, EngineError. */
export const lock = lockCommand.run
/** What was done to the database, as the journal tells it. Throws UsageError, HistoryError, EngineError. */
export const log = logCommand.run
/** Opens the file of a revision in the editor. Throws UsageError, GraphError. */
export const edit = editCommand.run

export { defineConfig } from './files/config-keys.js'
export type { DatabaseSetting, Overrides, UserConfig } from './files/config-keys.js'
export type { MigrationContext } from './files/load.js'
export type { CommonOptions, Question } from './commands/workplace/command.js'
export type { BranchesResult } from './commands/branches.js'
export type { CheckResult } from './commands/check.js'
export type { CurrentResult } from './commands/current.js'
export type { EditResult } from './commands/edit.js'
export type { HeadsResult } from './commands/heads.js'
export type { LockResult } from './commands/lock.js'
export type { LogResult } from './commands/log.js'
export type { Holder, Lease } from './lock/holder.js'
export type { JournalEntry } from './history/read-journal.js'
export type { Entry, RunFacts, What } from './history/journal.js'
export type { HistoryEntry, HistoryResult } from './commands/history.js'
export type { InitResult } from './commands/init.js'
export type { ListedRevision } from './commands/workplace/listing.js'
export type { NewRevision } from './commands/workplace/draft.js'
export type { AttemptedStep, FailedRun, PlannedStep } from './core/failed-run.js'
export type { RunOutcome } from './commands/run/outcome.js'
export type { ResolveResult } from './commands/resolve.js'
export type { ShownRevision, ShowResult } from './commands/show.js'
export type { Status } from './commands/workplace/look.js'
export type { AppliedRevision, AppliedState, Origin } from './core/graph/history.js'
export type { Plan, Step } from './core/graph/plan.js'
export type { Revision, RevisionId } from './core/graph/revision.js'
export type { Code } from './core/codes.js'
export type { Diagnostic, Severity } from './core/diagnostic.js'
export type { Listener, MigEvent } from './core/event.js'
export type { EngineName, Place } from './core/place.js'
export {
  EngineError,
  GraphError,
  HistoryError,
  InternalError,
  InterruptedError,
  LockError,
  MigError,
  MigrationError,
  PartialError,
  UsageError,
} from './core/errors.js'
