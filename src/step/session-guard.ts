// Settings of the session that a migration leaves changed are set back, so that neither its row nor the next one meets them.

import type { Diagnostic } from '../core/diagnostic.js'
import { MigrationError } from '../core/errors.js'
import { revisionTitle } from '../core/graph/revision.js'
import type { Listener } from '../core/event.js'
import { differences, type SessionState } from '../engines/contract/session-state.js'
import type { StatementFacts } from '../engines/contract/statements.js'
import type { Session } from '../session/session.js'
import type { Work } from './prepared-step.js'
import type { Trace } from './step-state.js'
import { noteTouched } from './tally.js'

export interface SessionGuard {
  /** Before a statement of a migration: notes whether it may change something, and what is there before. */
  readonly note: (trace: Trace, sql: string, facts: StatementFacts) => Promise<void>
  /** Inside a transaction, before a row is written: sets back what was changed, save what would end the transaction. */
  readonly restoreInside: () => Promise<void>
  /** Outside of one, after a step: sets back what it left changed, and reports it. */
  readonly restore: (trace: Trace) => Promise<void>
  /** @throws MigrationError `migration.session-lost` where something could not be set back: the next one would meet it */
  readonly assertAsBefore: () => void
}

/** What was changed by whom, and is not reported yet. */
interface Changed {
  readonly work: Work
  readonly names: readonly string[]
  readonly found: SessionState
}

interface Guarding {
  readonly session: Session
  readonly report: Listener
  /** Null behind a pooler, outside of a transaction: a session belongs to nobody there. */
  wanted: SessionState | null
  /** Settings that were seen only by name. */
  readonly named: Set<string>
  /** The last one that may have changed something since the last look. */
  toucher: Work | null
  /** Names with what they were found to be, of which a remark was made: hundreds of migrations may begin with the same line. */
  readonly told: Set<string>
  /** Changed inside a transaction that is still open, and set back for good. */
  changed: Changed | null
  /** What could not be set back, and whose it is. */
  lost: { readonly work: Work; readonly names: readonly string[] } | null
}

export async function guardSession(session: Session, report: Listener): Promise<SessionGuard> {
  const { connection, engine, keepsSession } = session
  const wanted = keepsSession ? await engine.sessionState.read(connection, []) : null
  const nothing = { toucher: null, changed: null, lost: null }
  const guarding: Guarding = { session, report, wanted, named: new Set(), told: new Set(), ...nothing }
  return {
    note: (trace, sql, facts) => note(guarding, trace, sql, facts),
    restoreInside: () => restoreInside(guarding),
    restore: (trace) => restore(guarding, trace),
    assertAsBefore: () => assertAsBefore(guarding),
  }
}

async function note(guarding: Guarding, trace: Trace, sql: string, facts: StatementFacts): Promise<void> {
  const isSet = facts.ofSession && facts.control === null
  if (!facts.changesSettings && !isSet) return
  if (facts.changesSettings) noteTouched(trace, true)
  guarding.toucher = trace.work
  const { connection, engine, keepsSession } = guarding.session
  const names = engine.sessionState.namesIn(sql).filter((name) => !guarding.named.has(name))
  const isKnown = guarding.wanted !== null && names.length === 0
  if (isKnown || (!keepsSession && !trace.isInside)) return
  for (const name of names) guarding.named.add(name)
  // In a transaction that has failed nothing is answered, nor will this statement be.
  const found = await engine.sessionState.read(connection, names).catch(() => null)
  if (found !== null) guarding.wanted = guarding.wanted === null ? found : withNamed(guarding.wanted, found, names)
}

/** Of what was read now only these are as they were. */
function withNamed({ values, own }: SessionState, found: SessionState, names: readonly string[]): SessionState {
  const added = names.flatMap((name) => (found.values[name] === undefined ? [] : [[name, found.values[name]] as const]))
  return { values: { ...values, ...Object.fromEntries(added) }, own: new Set([...own, ...added.map(([name]) => name)]) }
}

async function restoreInside(guarding: Guarding): Promise<void> {
  const { session, wanted, named, toucher } = guarding
  const { connection, engine, keepsSession } = session
  const { insideReaches, endTransaction, read } = engine.sessionState
  if (toucher === null || wanted === null || insideReaches === null) return
  const found = await read(connection, named).catch(() => null) // the transaction has failed: the row cannot be written
  if (found === null) return
  const isForLater = (name: string) => name === engine.lockWait.setting || endTransaction.has(name)
  const names = differences(wanted, found).filter((name) => !isForLater(name))
  if (names.length > 0) await engine.sessionState.restore(connection, wanted, names, insideReaches)
  if (insideReaches === 'session' && names.length > 0) guarding.changed = { work: toucher, names, found }
  if (!keepsSession) guarding.wanted = null
}

async function restore(guarding: Guarding, trace: Trace): Promise<void> {
  const { session, wanted, toucher } = guarding
  const { touchesSession } = trace
  noteTouched(trace, false)
  guarding.toucher = null
  if (wanted === null) return
  if (!touchesSession) return trace.isInside ? undefined : restoreLimit(session, wanted)
  const left = await setBack(guarding, toucher ?? trace.work)
  const inside = guarding.changed
  guarding.changed = null
  // Mig itself sets it, for the statements of a migration.
  const isOwnLimit = (name: string) => name === session.engine.lockWait.setting && !trace.isInside
  const names = [...new Set([...(inside?.names ?? []), ...left.names])].filter((name) => !isOwnLimit(name))
  const found = { values: { ...left.found.values, ...inside?.found.values }, own: left.found.own }
  if (names.every((name) => guarding.told.has(asFound(name, found)))) return
  for (const name of names) guarding.told.add(asFound(name, found))
  guarding.report({ kind: 'remark', diagnostic: leftChanged(guarding, { work: left.work, names, found }) })
}

function asFound(name: string, { values }: SessionState): string {
  return `${name} ${values[name] ?? ''}`
}

/** Without a transaction mig sets the limit for locks in the session itself. */
async function restoreLimit({ connection, engine }: Session, wanted: SessionState): Promise<void> {
  const { setting } = engine.lockWait
  if (setting !== null && wanted.values[setting] !== undefined)
    await engine.sessionState.restore(connection, wanted, [setting], 'session')
}

/** Whether it succeeded is looked up: some settings cannot be set back. */
async function setBack(guarding: Guarding, work: Work): Promise<Changed> {
  const { session, named } = guarding
  const { connection, engine } = session
  const wanted = guarding.wanted as SessionState
  const found = await engine.sessionState.read(connection, named)
  const names = differences(wanted, found)
  if (names.length === 0) return { work, names, found }
  await restoreAsFarAsCan(session, wanted, names)
  const remaining = differences(wanted, await engine.sessionState.read(connection, named))
  if (remaining.length > 0) guarding.lost = { work, names: remaining }
  return { work, names, found }
}

/** What the server refuses to set back keeps nothing else from it, nor the step from being done: the next look finds it. */
async function restoreAsFarAsCan({ connection, engine }: Session, wanted: SessionState, names: readonly string[]) {
  const restoreOnly = (some: readonly string[]) => engine.sessionState.restore(connection, wanted, some, 'session')
  try {
    await restoreOnly(names)
  } catch {
    for (const name of names) await restoreOnly([name]).catch(() => undefined)
  }
}

function leftChanged({ wanted, lost }: Guarding, { work, names, found }: Changed): Diagnostic {
  const { revision } = work.step
  const list = names.map((name) => {
    const back = lost?.names.includes(name) === true ? 'could not be set back' : 'set back'
    return `${name} (${shown(name, wanted?.values[name])} → ${shown(name, found.values[name])}, ${back})`
  })
  return {
    code: 'migration.session-changed',
    severity: 'warning',
    message: `${revisionTitle(revision)} left the session changed: ${list.join('; ')}.`,
    hint: 'Let the migration set it back itself; on PostgreSQL `set local` ends with the transaction. Where later ones of this run leave the same, it is set back, and not reported again.',
    revision: revision.revision,
    path: revision.path,
  }
}

function assertAsBefore({ lost }: Guarding): void {
  if (lost === null) return
  const { revision, path } = lost.work.step.revision
  throw new MigrationError(
    'migration.session-lost',
    `${revision} (${path}) is applied, and left the session with what cannot be set back: ${lost.names.join(', ')}. The next migration was not begun, because it would have run with that.`,
    { hint: 'Another run has another session, and continues there: mig upgrade', revision, path },
  )
}

/** What a user named is a user's value: it may be a secret. */
function shown(name: string, value: string | undefined): string {
  if (/[@.]/.test(name)) return '…'
  return value === undefined || value === '' ? '(empty)' : value
}
