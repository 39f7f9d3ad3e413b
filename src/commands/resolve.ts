// resolve: say by hand what mig cannot know: how a migration that stopped in the middle ended, or that an edit is right.

import { UsageError } from '../core/errors.js'
import { dependenciesOf } from '../core/graph/graph.js'
import { type AppliedRevision, unfinished } from '../core/graph/history.js'
import { resolveName } from '../core/graph/resolve.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import { describePlace } from '../core/place.js'
import type { Config } from '../files/config.js'
import { type Project, readFolders } from '../files/project.js'
import { acceptFile } from '../runner/by-hand/accept.js'
import { endUnfinished, type Outcome } from '../runner/by-hand/end-unfinished.js'
import { describeAttempted, readAttempted } from '../history/attempt.js'
import type { Book } from '../history/book.js'
import { findBook } from '../history/elsewhere.js'
import { adopt } from '../runner/by-hand/adopt.js'
import type { LockKind } from '../lock/wait.js'
import type { SettleRequest } from '../runner/by-hand/change.js'
import type { Session } from '../session/session.js'
import { runLabel, whoRuns } from '../session/who.js'
import { migVersion } from '../package.js'
import { type CommonOptions, defineCommand } from './workplace/command.js'
import { withConfig, withProject, withSession, type Workplace } from './workplace/open.js'
import { assertNotForeign, assertSameProject } from './workplace/preflight.js'
import { lock, lockTimeout } from './run/options.js'

export interface ResolveResult {
  /** Null when the whole database was adopted. */
  readonly revision: RevisionId | null
  readonly outcome: Outcome | 'accepted' | 'adopted'
}

export const resolve = defineCommand({
  name: 'resolve',
  summary: 'Settle what stopped in the middle, or accept an edited file',
  description:
    'A migration without a transaction (or with DDL on MySQL) that was killed leaves its state behind, and blocks upgrade and downgrade. Usually `mig upgrade --resume` goes on with it. Otherwise look what is in the database, complete it or undo it, and say so here. --accept takes an edited file for what was applied. It shows what it will write, and asks. Runs nothing of the migration.',
  arguments: { revision: { kind: 'text', describe: 'A revision, or the start of its id' } },
  options: {
    applied: { kind: 'flag', describe: 'It is in the database now, completely' },
    notApplied: { kind: 'flag', describe: 'Nothing of it is in the database now' },
    accept: { kind: 'flag', describe: 'Its file was edited after it was applied, and is right as it is' },
    adopt: {
      kind: 'text',
      value: 'PROJECT',
      describe: 'The database, written by the project of that name, belongs to this one from now on',
    },
    yes: { kind: 'flag', alias: 'y', describe: 'Do not ask' },
    lockTimeout,
    lock,
  },
  examples: [
    ['mig resolve 0501ccd1d98c --applied', 'it was completed by hand'],
    ['mig resolve 0501ccd1d98c --not-applied --yes', 'it was undone by hand; in a script'],
    ['mig resolve c9b52448285b --accept', 'its file was edited, knowingly'],
    ['mig resolve --adopt shop', 'the project was renamed'],
  ],
  needs: 'database',
  changes: true,
  run: async (options): Promise<ResolveResult> => {
    const { revision: name, accept, applied, notApplied, adopt: project } = options
    if ([accept === true, applied === true, notApplied === true, project !== undefined].filter(Boolean).length !== 1)
      throw new UsageError(
        'usage.bad-option',
        'Say how it is: --applied, --not-applied, --accept or --adopt, one of them.',
        {
          hint: `mig resolve ${name ?? 'REV'} --applied, when all of it is in the database.`,
        },
      )
    if (project !== undefined) return withConfig(options, (workplace) => adoptDatabase(workplace, options, project))
    if (name === undefined)
      throw new UsageError('usage.bad-option', 'Which revision should be resolved?', {
        hint: 'mig current names what is unfinished.',
      })
    return accept === true
      ? withProject(options, (own, workplace) => acceptEdit(own, workplace, name, options))
      : withConfig(options, (workplace) => end(workplace, name, applied === true ? 'applied' : 'not-applied', options))
  },
  format: ({ revision, outcome }, style) => {
    if (revision === null) return 'The database belongs to this project now. Continue with: mig upgrade'
    const said = {
      applied: 'applied',
      'not-applied': 'not applied',
      accepted: 'applied as its file is now',
      adopted: '',
    }
    return `${style.bold(revision)} is recorded as ${said[outcome]}. Continue with: mig upgrade`
  },
})

interface ResolveOptions extends CommonOptions {
  readonly yes?: boolean | undefined
  readonly lockTimeout?: number | undefined
  readonly lock?: LockKind | undefined
}

function settleRequest({ report, signal }: Workplace, options: ResolveOptions, command: string): SettleRequest {
  const who = whoRuns()
  return {
    lock: {
      timeoutMs: (options.lockTimeout ?? lockTimeout.default) * 1000,
      kind: options.lock,
      label: runLabel(command, who),
      report,
      signal,
    },
    command,
    who,
    migVersion: migVersion(),
  }
}

/** @throws UsageError `usage.not-confirmed` */
async function assertWanted({ yes, confirm }: ResolveOptions, lines: readonly string[]): Promise<void> {
  if (yes === true || confirm === undefined) return
  if (await confirm({ lines, question: 'Write this?' })) return
  throw new UsageError('usage.not-confirmed', 'Nothing was written.', {
    hint: 'To write it without being asked: --yes',
  })
}

/**
 * The history, if it is of these files; they may be broken, or that of the revision at hand be gone.
 * @throws HistoryError `history.wrong-project`, `history.elsewhere`
 */
async function readOwnBook(session: Session, config: Config): Promise<Book> {
  const { project } = config
  const { migrations } = await readFolders(config)
  const revisions = new Set(migrations.map(({ revision }) => revision.revision))
  const book = await findBook(session, { project, revisions, mayBegin: false })
  assertSameProject(project, book)
  assertNotForeign(revisions, book)
  return book
}

function end(workplace: Workplace, name: string, outcome: Outcome, options: ResolveOptions): Promise<ResolveResult> {
  return withSession(workplace, 'run', async (session) => {
    const row = choose(name, (await readOwnBook(session, workplace.config)).history)
    const attempted = describeAttempted(await readAttempted(session, row))
    const after = outcome === 'applied' ? 'applied' : 'not applied (its row is removed)'
    await assertWanted(options, [
      `${revisionTitle(row)} at ${describePlace(session.place)}: ${row.state} → ${after}`,
      ...(attempted === null ? [] : ['What the journal knows of its statements:', attempted]),
    ])
    const request = settleRequest(workplace, options, `resolve ${row.revision} --${outcome}`)
    return endUnfinished(session, { ...request, choose: (history) => choose(name, history), outcome })
  })
}

async function acceptEdit(
  { graph, files }: Project,
  workplace: Workplace,
  name: string,
  options: ResolveOptions,
): Promise<ResolveResult> {
  const id = resolveName(graph, name)
  const file = files.get(id)
  if (file === undefined) throw nothingToAccept(id, 'it has no file')
  const dependsOn = dependenciesOf(graph, id)
  const validate = ({ history }: Book) => {
    const row = history.find(({ revision }) => revision === id)
    if (row === undefined) throw nothingToAccept(id, 'it is not applied')
    if (row.checksum === file.checksum()) throw nothingToAccept(id, 'its file is what was applied')
    const missing = [...file.revision.downRevisions, ...dependsOn].filter(
      (parent) => !history.some(({ revision }) => revision === parent),
    )
    if (missing.length > 0) throw standsOnPending(id, missing)
  }
  return withSession(workplace, 'run', async (session) => {
    validate(await readOwnBook(session, workplace.config))
    await assertWanted(options, [
      `${revisionTitle(file.revision)} at ${describePlace(session.place)}: its stored source becomes that of ${file.revision.path}`,
    ])
    const request = settleRequest(workplace, options, `resolve ${id} --accept`)
    return { revision: await acceptFile(session, { ...request, file, dependsOn, validate }), outcome: 'accepted' }
  })
}

/** The name that the database has must be typed: whoever adopts it has looked. */
function adoptDatabase(workplace: Workplace, options: ResolveOptions, from: string): Promise<ResolveResult> {
  const { project } = workplace.config
  if (project === null)
    throw new UsageError('config.invalid', 'The configuration has no `project`, so nothing can be adopted by it.', {
      hint: "Name it in mig.config.ts: project: 'shop'",
    })
  const validate = (book: Book) => {
    if (book.project === from) return
    const whose = book.project === null ? 'names no project' : `belongs to “${book.project}”`
    throw new UsageError('usage.bad-option', `This database ${whose}, not to “${from}”. Nothing was changed.`, {
      hint: book.project === null ? 'There is nothing to adopt.' : `mig resolve --adopt ${book.project}`,
    })
  }
  return withSession(workplace, 'run', async (session) => {
    const { migrations } = await readFolders(workplace.config)
    const revisions = new Set(migrations.map(({ revision }) => revision.revision))
    const book = await findBook(session, { project: from, revisions, mayBegin: false })
    validate(book)
    assertNotForeign(revisions, book)
    await assertWanted(options, [`${describePlace(session.place)}: project “${from}” → “${project}”`])
    await adopt(session, { ...settleRequest(workplace, options, `resolve --adopt ${from}`), project, validate })
    return { revision: null, outcome: 'adopted' }
  })
}

function nothingToAccept(id: RevisionId, why: string): UsageError {
  return new UsageError('usage.bad-option', `There is nothing to accept for ${id}: ${why}. Nothing was changed.`, {
    hint: 'mig check names files that were edited.',
  })
}

function standsOnPending(id: RevisionId, missing: readonly RevisionId[]): UsageError {
  return new UsageError(
    'usage.bad-option',
    `The file of ${id} depends on ${missing.join(', ')} now, which ${missing.length === 1 ? 'is' : 'are'} not applied. Nothing was changed.`,
    { hint: `Let it depend on what it was applied on: mig show ${id} --stored` },
  )
}

/** The file may be gone, so the name is looked up among the unfinished rows themselves. */
function choose(name: string, history: readonly AppliedRevision[]): AppliedRevision {
  const open = unfinished(history)
  const exact = open.find(({ revision }) => revision === name)
  const begun = name === '' ? [] : open.filter(({ revision }) => revision.startsWith(name))
  const [only, ...others] = exact === undefined ? begun : [exact]
  if (only === undefined) throw notUnfinished(name, open)
  if (others.length > 0) throw startOfSeveral(name, begun)
  return only
}

function notUnfinished(name: string, open: readonly AppliedRevision[]): UsageError {
  const list = open.map(revisionTitle).join(', ')
  return new UsageError(
    'usage.not-unfinished',
    `“${name}” is not unfinished: ${open.length === 0 ? 'nothing is' : `unfinished is ${list}`}. Nothing was changed.`,
    { hint: 'To mark a revision without running it, use mig stamp.' },
  )
}

function startOfSeveral(name: string, found: readonly AppliedRevision[]): UsageError {
  return new UsageError(
    'target.ambiguous',
    `“${name}” is the start of ${found.length} unfinished revisions: ${found.map(revisionTitle).join(', ')}. Nothing was changed.`,
    { hint: 'Type more letters of the one you mean.' },
  )
}
