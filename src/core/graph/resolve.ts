// Target → revisions, given a graph and what is applied.

import { UsageError } from '../errors.js'
import { nearest } from '../nearest.js'
import { ancestors, bases, heads, lineage, linked, type RevisionGraph } from './graph.js'
import { revisionTitle, type RevisionId } from './revision.js'
import { parseTarget, type Anchor, type Target } from './target.js'

/** What a target is read against. */
export interface Standing {
  readonly graph: RevisionGraph
  /** Applied revisions in the order in which they were applied; `null` where the database was not asked. */
  readonly applied: readonly RevisionId[] | null
  /** The current heads; empty where the database was not asked. */
  readonly current: readonly RevisionId[]
}

/** Reads `text` as a target of this graph. */
export function readTarget(graph: RevisionGraph, text: string): Target {
  return parseTarget(text, (name) => graph.revisions.has(name) || graph.labels.has(name))
}

/**
 * The revisions a target names; none for `base`.
 * @throws UsageError `target.*`
 */
export function resolve(standing: Standing, text: string): readonly RevisionId[] {
  const target = readTarget(standing.graph, text)
  if (target.offset === null) return resolveAnchor(standing, target, target.anchor ?? { kind: 'head' })
  if (target.anchor === null) return [resolveAhead(standing, target, target.offset)]
  const start = resolveOne(standing, target, target.anchor)
  const end = walk(standing, { ...target, offset: target.offset }, start)
  return end === null ? [] : [end]
}

/**
 * The revisions an identifier names by itself, whatever is applied: no `current`, no `+n` and `-n`.
 * @throws UsageError `target.*`
 */
export function resolveAbsolute(graph: RevisionGraph, text: string): readonly RevisionId[] {
  const target = readTarget(graph, text)
  if (target.offset === null) return resolve({ graph, applied: null, current: [] }, text)
  throw new UsageError('target.unknown', `“${text}” is relative, and a revision by its own name is required here.`, {
    hint: 'Write its id; `mig history` lists them.',
  })
}

/** So few digits are meant as a number of revisions: they are the start of some id by chance alone. */
const bareNumber = /^\d{1,3}$/

/**
 * An id, a partial id or a label → its revision. A label stands for the revision that declares it.
 * @throws UsageError `target.unknown`, `target.ambiguous`
 */
export function resolveName(graph: RevisionGraph, name: string, within?: ReadonlySet<RevisionId>): RevisionId {
  const exact = graph.revisions.has(name) ? name : graph.labels.get(name)
  if (exact !== undefined) return exact
  if (bareNumber.test(name)) throw justNumber(name)
  const candidates = [...graph.revisions.keys()].filter((id) => id.length >= 4 && id.startsWith(name))
  const [only, ...others] = within === undefined ? candidates : candidates.filter((id) => within.has(id))
  if (only === undefined) throw unknownName(graph, name)
  if (others.length > 0) throw ambiguousName(graph, name, [only, ...others])
  return only
}

/** The lineage that a target is limited to by `branch@`; `undefined` without a branch. */
export function branchLineage(graph: RevisionGraph, branch: string | null): ReadonlySet<RevisionId> | undefined {
  return branch === null ? undefined : lineage(graph, resolveName(graph, branch))
}

/** The error for a target that wants one head where there are several. */
export function manyHeads(graph: RevisionGraph, text: string, found: readonly RevisionId[]): UsageError {
  return new UsageError(
    'target.multiple-heads',
    `“${text}” requires one head, and there are ${found.length}: ${found.join(', ')}.`,
    {
      hint: 'Join them with `mig merge -m "..."`, or name one of them, or use `heads`.',
      detail: titles(graph, found),
    },
  )
}

/** One line for each revision: its id and message. */
export function titles(graph: RevisionGraph, ids: readonly RevisionId[]): string {
  return ids.map((id) => `  ${revisionTitle(graph.revisions.get(id) ?? { revision: id, message: '' })}`).join('\n')
}

function resolveAnchor(standing: Standing, target: Target, anchor: Anchor): readonly RevisionId[] {
  const { graph } = standing
  const within = branchLineage(graph, target.branch)
  const ofBranch = (ids: readonly RevisionId[]) => (within === undefined ? ids : ids.filter((id) => within.has(id)))
  switch (anchor.kind) {
    case 'base':
      return []
    case 'current':
      return ofBranch(currentRevisions(standing, target))
    case 'heads':
      return ofBranch(heads(graph, within === undefined ? 'all' : 'down'))
    case 'head':
      return atMostOne(graph, target.text, ofBranch(heads(graph)))
    case 'name':
      return [resolveWithin(graph, target, anchor.name, within)]
  }
}

function resolveWithin(
  graph: RevisionGraph,
  target: Target,
  name: string,
  within?: ReadonlySet<RevisionId>,
): RevisionId {
  const id = resolveName(graph, name, within)
  if (within !== undefined && !within.has(id)) throw notInBranch(target, id)
  return id
}

function resolveOne(standing: Standing, target: Target, anchor: Anchor): RevisionId | null {
  return atMostOne(standing.graph, target.text, resolveAnchor(standing, target, anchor))[0] ?? null
}

function atMostOne(graph: RevisionGraph, text: string, found: readonly RevisionId[]): readonly RevisionId[] {
  if (found.length > 1) throw manyHeads(graph, text, found)
  return found
}

/** `+n`: up from where the database stands; from base where nothing (of the branch) is applied. */
function resolveAhead(standing: Standing, target: Target, offset: number): RevisionId {
  const { graph, current } = standing
  currentRevisions(standing, target)
  if (offset === 0) throw outOfRange(target, 'it counts nothing')
  if (offset < 0)
    throw outOfRange(target, 'it counts down, and only a downgrade goes down', `mig downgrade ${target.text}`)
  const within = branchLineage(graph, target.branch)
  const starts = within === undefined ? current : tipsWithin(graph, current, within)
  if (starts.length > 1) throw manyStarts(target, starts)
  const end = walk(standing, { ...target, offset }, starts[0] ?? null)
  if (end === null) throw outOfRange(target, 'there are no revisions')
  return end
}

/** The topmost applied revisions of a lineage. */
function tipsWithin(
  graph: RevisionGraph,
  current: readonly RevisionId[],
  within: ReadonlySet<RevisionId>,
): readonly RevisionId[] {
  const direct = current.filter((id) => within.has(id))
  if (direct.length > 0) return direct
  const active = [...ancestors(graph, current)].filter((id) => within.has(id))
  const below = new Set(active.flatMap((id) => linked(graph.parents.down, id)))
  return active.filter((id) => !below.has(id))
}

/** `n` revisions up or down by down links; `null` is base. */
function walk(
  standing: Standing,
  target: Target & { readonly offset: number },
  start: RevisionId | null,
): RevisionId | null {
  const { graph } = standing
  const within = branchLineage(graph, target.branch)
  const up = target.offset > 0
  let here = start
  for (let left = Math.abs(target.offset); left > 0; left--) {
    if (!up && here === null) throw outOfRange(target, 'it goes below base')
    const next = (up ? above(graph, here) : linked(graph.parents.down, here ?? '')).filter(
      (id) => !up || within === undefined || within.has(id),
    )
    if (next.length > 1) throw forked(graph, target, here, next)
    if (up && next.length === 0) throw outOfRange(target, `${here ?? 'base'} has nothing above it, ${left} short`)
    here = next[0] ?? null
  }
  return here
}

function above(graph: RevisionGraph, id: RevisionId | null): readonly RevisionId[] {
  return id === null ? bases(graph) : linked(graph.children.down, id)
}

function currentRevisions(standing: Standing, target: Target): readonly RevisionId[] {
  if (standing.applied !== null) return standing.current
  throw new UsageError('target.unknown', `“${target.text}” depends on what is applied, and no database was asked.`, {
    hint: 'Name a revision instead.',
  })
}

function unknownName(graph: RevisionGraph, name: string): UsageError {
  const alike = nearest(name, [...graph.revisions.keys(), ...graph.labels.keys(), 'head', 'heads', 'base', 'current'])
  return new UsageError('target.unknown', `No revision or branch label is called “${name}”.`, {
    hint: alike.length > 0 ? `Did you mean ${alike.join(' or ')}?` : 'See all with `mig history`.',
  })
}

function justNumber(name: string): UsageError {
  return new UsageError('target.unknown', `“${name}” is a number, and no revision or branch label is called so.`, {
    hint: `A number of revisions has a sign: mig downgrade -${name}, or: mig upgrade +${name}. The start of an id that is a number has four digits at least.`,
  })
}

function ambiguousName(graph: RevisionGraph, name: string, ids: readonly RevisionId[]): UsageError {
  const shown = ids.slice(0, 10)
  return new UsageError(
    'target.ambiguous',
    `“${name}” is the start of ${ids.length} revisions: ${shown.join(', ')}${ids.length > 10 ? ', …' : ''}.`,
    {
      hint: 'Type more letters of the one you mean.',
      detail: titles(graph, shown),
    },
  )
}

function notInBranch(target: Target, id: RevisionId): UsageError {
  return new UsageError('target.not-in-branch', `${id} is not in the lineage of “${target.branch}”.`, {
    hint: `Write ${id} without the branch, or name its own branch.`,
  })
}

function outOfRange(
  target: Target,
  why: string,
  hint = 'See `mig history` for how many revisions there are.',
): UsageError {
  return new UsageError('target.out-of-range', `“${target.text}” leads nowhere: ${why}.`, { hint })
}

function manyStarts(target: Target, starts: readonly RevisionId[]): UsageError {
  const choices = starts.map((id) => `${id}+${target.offset}`)
  return new UsageError(
    'target.multiple-heads',
    `“${target.text}” could start from ${starts.length} current heads: ${starts.join(', ')}.`,
    {
      hint: `Write one of: ${choices.join(', ')}.`,
    },
  )
}

function forked(
  graph: RevisionGraph,
  target: Target,
  here: RevisionId | null,
  next: readonly RevisionId[],
): UsageError {
  const place = here === null ? 'at the bases' : `at ${here}`
  return new UsageError('target.ambiguous', `“${target.text}” forks ${place}: ${next.join(', ')}.`, {
    hint: 'Name the revision that you mean.',
    detail: titles(graph, next),
  })
}
