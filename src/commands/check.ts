// check: everything that can be wrong with the folder and the database, as diagnostics.

import type { Diagnostic } from '../core/diagnostic.js'
import { MigError } from '../core/errors.js'
import { heads as headsOf } from '../core/graph/graph.js'
import { currentHeads } from '../core/graph/history.js'
import { findLostJournal } from '../history/lost-journal.js'
import { describeMiscount, findUnknown, validateRows } from '../core/graph/validate-history.js'
import { hasErrors } from '../core/diagnostic.js'
import type { Place } from '../core/place.js'
import { type Project, projectOf, readFolders } from '../files/project.js'
import { findBook } from '../history/elsewhere.js'
import { defineCommand } from './workplace/command.js'
import { withConfig, withSession, type Workplace } from './workplace/open.js'
import { describeChanged } from './workplace/preflight.js'
import { describeRunning, ownOf } from './workplace/look.js'

export interface CheckResult {
  readonly revisions: number
  readonly heads: readonly string[]
  /** Null with `offline`, and when the folder is too broken to ask the database about it. */
  readonly place: Place | null
  /** How many revisions are not applied; null when the database was not asked. */
  readonly pending: number | null
  readonly diagnostics: readonly Diagnostic[]
}

export const check = defineCommand({
  name: 'check',
  summary: 'Find everything that is wrong with the folder and the database',
  description:
    'Reads all migrations and the history, runs nothing, changes nothing. All findings are reported together. Exit code 7 when one of them is an error, so that a pipeline stops.',
  arguments: {},
  options: {
    offline: { kind: 'flag', describe: 'Check the files only' },
    heads: { kind: 'number', value: 'N', describe: 'Fail when there are more heads than N' },
  },
  examples: [
    ['mig check', 'folder and database'],
    ['mig check --offline --heads 1', 'in a pipeline: files only, and branches must be merged'],
  ],
  needs: 'database',
  changes: false,
  run: (options) =>
    withConfig(options, async (workplace): Promise<CheckResult> => {
      const folders = await readFolders(workplace.config, { isThorough: true })
      const { diagnostics } = folders
      const revisions = folders.migrations.length
      if (hasErrors(diagnostics)) return { revisions, heads: [], place: null, pending: null, diagnostics }
      const project = projectOf(workplace.config, folders)
      const heads = headsOf(project.graph)
      const ofFolder = [...diagnostics, ...tooManyHeads(heads, options.heads)]
      if (options.offline === true) return { revisions, heads, place: null, pending: null, diagnostics: ofFolder }
      const seen = await checkDatabase(project, workplace)
      return { revisions, heads, ...seen, diagnostics: [...ofFolder, ...seen.diagnostics] }
    }),
  format: ({ revisions, heads, pending, diagnostics }, style) => {
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length
    const counted = `${revisions} ${revisions === 1 ? 'revision' : 'revisions'}, ${heads.length} ${heads.length === 1 ? 'head' : 'heads'}${pending === null ? '' : `, ${pending} pending`}`
    if (errors > 0)
      return style.red(
        `${errors} ${errors === 1 ? 'problem' : 'problems'} in ${revisions} ${revisions === 1 ? 'revision' : 'revisions'}.`,
      )
    return `${style.green('No problems.')} ${counted}.`
  },
})

/** A database that cannot be asked is a finding like the others. */
async function checkDatabase(
  project: Project,
  workplace: Workplace,
): Promise<Pick<CheckResult, 'place' | 'pending' | 'diagnostics'>> {
  try {
    return await withSession(workplace, 'look', async (session) => {
      const book = await findBook(session, ownOf(project))
      const { history } = book
      const applied = new Set(history.map(({ revision }) => revision))
      return {
        place: session.place,
        pending: [...project.graph.revisions.keys()].filter((id) => !applied.has(id)).length,
        diagnostics: [
          ...(await describeRunning(session, history)),
          ...(book.exists ? await findLostJournal(session) : []),
          ...describeMiscount(project.graph, book),
          ...validateRows(project.graph, history),
          ...findUnknown(project.graph, history),
          ...(await describeChanged(session, project, history)),
          ...severalCurrent(currentHeads(project.graph, history)),
        ],
      }
    })
  } catch (error) {
    if (!(error instanceof MigError)) throw error
    return { place: null, pending: null, diagnostics: error.diagnostics }
  }
}

function tooManyHeads(heads: readonly string[], allowed: number | undefined): readonly Diagnostic[] {
  if (heads.length <= (allowed ?? 1)) return []
  return [
    {
      code: 'graph.multiple-heads',
      severity: allowed === undefined ? 'warning' : 'error',
      message: `There are ${heads.length} heads: ${heads.join(', ')}.`,
      hint: 'Join them: mig merge -m "merge branches"',
    },
  ]
}

function severalCurrent(heads: readonly string[]): readonly Diagnostic[] {
  if (heads.length < 2) return []
  return [
    {
      code: 'graph.multiple-heads',
      severity: 'info',
      message: `The database is at ${heads.length} heads: ${heads.join(', ')}.`,
    },
  ]
}
