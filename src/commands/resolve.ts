// resolve: say by hand what mig cannot know: how a migration that stopped in the middle ended, or that an edit is right.

import { UsageError } from '../core/errors.js'
import { type AppliedRevision, unfinished } from '../core/graph/history.js'
import { resolveName } from '../core/graph/resolve.js'
import { revisionTitle, type RevisionId } from '../core/graph/revision.js'
import type { Project } from '../files/project.js'
import { acceptFile } from '../runner/accept.js'
import { endUnfinished, type Outcome } from '../runner/end-unfinished.js'
import type { Book } from '../runner/history-table.js'
import type { LockRequest } from '../runner/lock.js'
import { whoRuns } from '../runner/who.js'
import { defineCommand } from './command.js'
import { withConfig, withProject, withSession, type Workplace } from './open.js'
import { lockTimeout } from './run.js'

export interface ResolveResult {
  readonly revision: RevisionId
  readonly outcome: Outcome | 'accepted'
}

export const resolve = defineCommand({
  name: 'resolve',
  summary: 'Settle what stopped in the middle, or accept an edited file',
  description:
    'A migration without a transaction (or with DDL on MySQL) that was killed leaves its state behind, and blocks upgrade and downgrade. Look what is in the database, complete it or undo it, and say so here. --accept takes an edited file for what was applied. Runs nothing of the migration.',
  arguments: { revision: { kind: 'text', describe: 'A revision, or the start of its id' } },
  options: {
    applied: { kind: 'flag', describe: 'It is in the database now, completely' },
    notApplied: { kind: 'flag', describe: 'Nothing of it is in the database now' },
    accept: { kind: 'flag', describe: 'Its file was edited after it was applied, and is right as it is' },
    lockTimeout,
  },
  examples: [
    ['mig resolve 0501ccd1d98c --applied', 'it was completed by hand'],
    ['mig resolve 0501ccd1d98c --not-applied', 'it was undone by hand'],
    ['mig resolve c9b52448285b --accept', 'its file was edited, knowingly'],
  ],
  needs: 'database',
  changes: true,
  run: async (options): Promise<ResolveResult> => {
    const { revision: name, accept, applied, notApplied } = options
    if (name === undefined)
      throw new UsageError('usage.bad-option', 'Which revision should be resolved?', {
        hint: 'mig current names what is unfinished.',
      })
    if ([accept, applied, notApplied].filter((flag) => flag === true).length !== 1)
      throw new UsageError(
        'usage.bad-option',
        'Say how it is now: --applied, --not-applied or --accept, one of them.',
        {
          hint: `mig resolve ${name} --applied, when all of it is in the database.`,
        },
      )
    const lockOf = ({ report, signal }: Workplace): LockRequest => ({
      timeoutMs: (options.lockTimeout ?? lockTimeout.default) * 1000,
      label: `mig resolve ${whoRuns()} pid ${process.pid}`,
      report,
      signal,
    })
    return accept === true
      ? withProject(options, (project, workplace) => acceptEdit(project, workplace, name, lockOf(workplace)))
      : withConfig(options, (workplace) =>
          end(workplace, name, applied === true ? 'applied' : 'not-applied', lockOf(workplace)),
        )
  },
  format: ({ revision, outcome }, style) => {
    const said = { applied: 'applied', 'not-applied': 'not applied', accepted: 'applied as its file is now' }[outcome]
    return `${style.bold(revision)} is recorded as ${said}. Continue with: mig upgrade`
  },
})

function end(workplace: Workplace, name: string, outcome: Outcome, lock: LockRequest): Promise<ResolveResult> {
  return withSession(workplace, 'run', (session) =>
    endUnfinished(session, { choose: (history) => choose(name, history), outcome, lock }),
  )
}

async function acceptEdit(
  { graph, files }: Project,
  workplace: Workplace,
  name: string,
  lock: LockRequest,
): Promise<ResolveResult> {
  const id = resolveName(graph, name)
  const file = files.get(id)
  if (file === undefined) throw nothingToAccept(id, 'it has no file')
  const validate = ({ history }: Book) => {
    const row = history.find(({ revision }) => revision === id)
    if (row === undefined) throw nothingToAccept(id, 'it is not applied')
    if (row.checksum === file.checksum()) throw nothingToAccept(id, 'its file is what was applied')
  }
  const revision = await withSession(workplace, 'run', (session) => acceptFile(session, { file, validate, lock }))
  return { revision, outcome: 'accepted' }
}

function nothingToAccept(id: RevisionId, why: string): UsageError {
  return new UsageError('usage.bad-option', `There is nothing to accept for ${id}: ${why}. Nothing was changed.`, {
    hint: 'mig check names files that were edited.',
  })
}

/** The file may be gone, so the name is looked up among the unfinished rows themselves. */
function choose(name: string, history: readonly AppliedRevision[]): AppliedRevision {
  const open = unfinished(history)
  const found = open.filter(({ revision }) => revision === name)
  const [only, ...others] = found.length > 0 ? found : open.filter(({ revision }) => revision.startsWith(name))
  if (only !== undefined && others.length === 0) return only
  const list = open.map(revisionTitle).join(', ')
  throw new UsageError(
    'usage.not-unfinished',
    `${name} is not unfinished: ${open.length === 0 ? 'nothing is' : `unfinished is ${list}`}.`,
    {
      hint: 'To mark a revision without running it, use mig stamp.',
    },
  )
}
