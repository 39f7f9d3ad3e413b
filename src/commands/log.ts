// log: what was done to the database, run by run.

import { UsageError } from '../core/errors.js'
import type { Revision } from '../core/graph/revision.js'
import { describePlace, type Place } from '../core/place.js'
import { fitWidth } from '../core/render/columns.js'
import { formatDuration } from '../core/render/duration.js'
import type { Style } from '../core/render/style.js'
import type { Config } from '../files/config.js'
import { readFolders } from '../files/project.js'
import { type JournalEntry, readJournal } from '../history/read-journal.js'
import { readBook } from '../history/book.js'
import { defineCommand, type Detail } from './workplace/command.js'
import { withConfig, withSession } from './workplace/open.js'

export interface LogResult {
  readonly place: Place
  /** Oldest first. */
  readonly entries: readonly JournalEntry[]
  /** Of the revisions that are applied now, or have a file. */
  readonly messages: Readonly<Record<string, string>>
}

const defaultLimit = 200

export const log = defineCommand({
  name: 'log',
  summary: 'Show what was done to the database: runs, steps, failures, and who did it',
  description:
    'Reads the journal, which is only ever added to: every run with user, machine, version and commit; every step with its time; every statement, without bound values; failures, stamps and what was settled by hand. -v shows the statements.',
  arguments: { revision: { kind: 'text', describe: 'Only of this revision: its id, or the start of it' } },
  options: {
    limit: { kind: 'number', value: 'N', whole: true, describe: 'The last N entries', default: defaultLimit },
  },
  examples: [
    ['mig log', 'the last runs'],
    ['mig log c9b52448285b -v', 'everything about one revision, with its statements'],
    ['mig log --json', 'for programs'],
  ],
  needs: 'database',
  changes: false,
  run: (options) =>
    withConfig(options, (workplace) =>
      withSession(workplace, 'look', async (session): Promise<LogResult> => {
        const { history } = await readBook(session)
        const limit = Math.floor(options.limit ?? defaultLimit)
        const entries = await readJournal(session, {
          limit,
          ...(options.revision !== undefined && { revision: options.revision }),
        })
        const known = [...(await inFiles(workplace.config)), ...history]
        return { place: session.place, entries, messages: messagesOf(known) }
      }),
    ),
  format: ({ place, entries, messages }, style, detail) => {
    if (entries.length === 0) return `Nothing was done yet to ${describePlace(place)}.`
    const lastOf = new Map(entries.map(({ run, id }) => [run, id]))
    const open = openRuns(entries)
    return entries
      .flatMap((entry) => [
        ...(detail.verbose || !isDetail(entry, open) ? [lineOf(entry, { entries, messages }, style, detail)] : []),
        ...(open.has(entry.run) && lastOf.get(entry.run) === entry.id ? [style.yellow(`  ${noEnd}`)] : []),
      ])
      .join('\n')
  },
})

const noEnd = 'no end: it was killed or cut off, or is still at work'
const settlements = ['ended', 'resolved', 'accepted', 'adopted']

/** Runs of which the journal holds no end, each with the revision that it had begun last and not done. */
function openRuns(entries: readonly JournalEntry[]): ReadonlyMap<string, string | undefined> {
  const begun = new Map<string, string | undefined>()
  for (const { run, what, revision } of entries) {
    if (settlements.includes(what)) begun.delete(run)
    else if (what === 'run') begun.set(run, undefined)
    else if (!begun.has(run)) continue
    else if (what === 'started') begun.set(run, revision)
    else if (what === 'applied' || what === 'reverted') begun.set(run, undefined)
  }
  return begun
}

/** The journal can be read without the folder. */
async function inFiles(config: Config): Promise<readonly Revision[]> {
  try {
    return (await readFolders(config)).migrations.map(({ revision }) => revision)
  } catch (error) {
    if (error instanceof UsageError) return []
    throw error
  }
}

function messagesOf(revisions: readonly Pick<Revision, 'revision' | 'message'>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(revisions.map(({ revision, message }) => [revision, message.split('\n')[0] ?? '']))
}

/** Statements, and the beginning of what came to an end. */
function isDetail(
  { what, ordinal, run, revision }: JournalEntry,
  open: ReadonlyMap<string, string | undefined>,
): boolean {
  if (what === 'started') return open.get(run) !== revision
  return what === 'statement' || (what === 'done' && ordinal !== undefined)
}

function lineOf(
  entry: JournalEntry,
  { entries, messages }: Pick<LogResult, 'entries' | 'messages'>,
  style: Style,
  { verbose }: Detail,
): string {
  const { what, at, facts, revision, direction, durationMs, error, note, step, sql, ordinal } = entry
  if (facts !== null) {
    const { user, host, migVersion, gitCommit, command } = facts
    const about = `${user}@${host}, mig ${migVersion}${gitCommit === null ? '' : `, commit ${gitCommit.slice(0, 10)}`}`
    return fitWidth(`${style.bold(`mig ${command}`)}  ${style.dim(`${at}  ${about}`)}`, style.width)
  }
  const time = durationMs === undefined ? '' : style.dim(`  ${formatDuration(durationMs)}`)
  const title = revision === undefined ? '' : ` ${revision}  ${messages[revision] ?? ''}`
  const text = sql === null ? '' : sql.replace(/\s+/g, ' ').trim()
  const sign = signOf(entry, style)
  if (ordinal !== undefined) {
    const state = what === 'statement' ? 'sent' : what
    return fitWidth(
      `      ${style.dim(`${ordinal} ${state}`)} ${step == null ? '' : `[${step}] `}${text}${time}`,
      style.width,
    )
  }
  switch (what) {
    case 'applied':
    case 'reverted':
      return fitWidth(`  ${sign} ${direction === 'down' ? 'down' : 'up'}${title}${time}`, style.width)
    case 'failed':
      return `  ${sign} ${verbose ? (error ?? '') : fitWidth(firstLine(error), style.width - 4)}`
    case 'ended':
      return error === undefined
        ? style.dim(`  ended${time}`)
        : style.red(fitWidth(`  ${endedWith(entry, entries)}`, style.width))
    case 'resolved':
      return `  ${sign} resolved${title}: ${note ?? ''}`
    case 'adopted':
      return `  ${sign} adopted by project ${note ?? ''}`
    case 'step':
      return fitWidth(`      ${sign} step “${step ?? ''}”${time}`, style.width)
    default:
      return fitWidth(`  ${sign} ${what}${title}`, style.width)
  }
}

/** What failed was reported already, unless it failed between the steps. */
function endedWith({ run, error }: JournalEntry, entries: readonly JournalEntry[]): string {
  const isTold = entries.some((other) => other.run === run && other.what === 'failed')
  return isTold ? 'ended with an error' : `ended with an error: ${firstLine(error)}`
}

function signOf({ what }: JournalEntry, style: Style): string {
  if (what === 'failed' || what === 'refused') return style.red(style.unicode ? '✗' : 'x')
  if (what === 'applied' || what === 'reverted' || what === 'step') return style.green(style.unicode ? '✓' : 'ok')
  return style.dim(style.unicode ? '·' : '-')
}

function firstLine(text: string | undefined): string {
  return (text ?? '').split('\n')[0] ?? ''
}
