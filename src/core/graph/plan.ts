// Plans: the differences between what is applied and what is asked for, as plain data.

import { HistoryError, MigrationError, UsageError } from '../errors.js'
import { ancestors, bases, descendants, linked, maximal, sort, summits, type RevisionGraph } from './graph.js'
import type { AppliedRevision } from './history.js'
import { revisionTitle, type Revision, type RevisionId } from './revision.js'
import { branchLineage, readTarget, resolve, titles, type Standing } from './resolve.js'
import type { Target } from './target.js'

export interface Step {
  readonly direction: 'up' | 'down'
  readonly revision: Revision
  /** `false` is a stamp: the history changes, nothing is run. */
  readonly run: boolean
}

export interface Plan {
  /** Heads before. */
  readonly from: readonly RevisionId[]
  /** Heads after. */
  readonly to: readonly RevisionId[]
  /** In the order in which they run. */
  readonly steps: readonly Step[]
}

/**
 * Everything that `text` depends on and that is not applied, parents first. Never takes anything down.
 * @throws UsageError `target.*`
 */
export function planUpgrade(standing: Standing, text: string): Plan {
  const { graph } = standing
  assertNotCurrent(readTarget(graph, text))
  const applied = new Set(standing.applied)
  const wanted = ancestors(graph, resolve(standing, text))
  const missing = new Set([...wanted].filter((id) => !applied.has(id)))
  return planOf(standing, sort(graph, missing), 'up', true)
}

/**
 * Everything applied that stands above `text`, children first, and among independent ones the latest applied first.
 * @throws UsageError `target.*`; MigrationError `migration.irreversible`
 */
export function planDowngrade(standing: Standing, text: string): Plan {
  const target = readTarget(standing.graph, text)
  assertNotCurrent(target)
  const going = target.anchor === null ? lastApplied(standing, target) : appliedAbove(standing, target)
  assertKnown(standing, going)
  const plan = planOf(standing, latestFirst(standing, going), 'down', true)
  assertReversible(plan)
  return plan
}

/** As if some revisions were not applied. */
export function without(standing: Standing, ids: readonly RevisionId[]): Standing {
  return { ...standing, applied: (standing.applied ?? []).filter((id) => !ids.includes(id)) }
}

/** Takes down these revisions and nothing else. */
export function planDowngradeOf(standing: Standing, ids: readonly RevisionId[]): Plan {
  const going = new Set(ids)
  assertKnown(standing, going)
  const plan = planOf(standing, latestFirst(standing, going), 'down', true)
  assertReversible(plan)
  return plan
}

/**
 * A plan that goes on with what was begun, first of all. Nothing else can run before that, so it must be part of the plan.
 * @throws UsageError `target.not-in-branch` when the target leaves it out
 */
export function planResumed(plan: Plan, begun: readonly RevisionId[]): Plan {
  const isBegun = ({ revision }: Step) => begun.includes(revision.revision)
  const first = plan.steps.filter(isBegun)
  if (first.length < begun.length) {
    const left = begun.filter((id) => !first.some(({ revision }) => revision.revision === id))
    throw new UsageError(
      'target.not-in-branch',
      `${left.join(', ')} stopped in the middle and comes first, and the target does not lead over it.`,
      { hint: 'Resume with a target that does; without one, --resume goes on with what was begun.' },
    )
  }
  return { ...plan, steps: [...first, ...plan.steps.filter((step) => !isBegun(step))] }
}

/**
 * What upgrade and downgrade to the targets would make of the applied set, without running anything.
 * `purge` forgets all that is applied first.
 * @throws UsageError `target.*`; `usage.bad-option` when one target depends on another
 */
export function planStamp(standing: Standing, texts: readonly string[], purge: boolean): Plan {
  const { graph } = standing
  const targets = texts.flatMap((text) => resolve(standing, text))
  assertIndependent(graph, targets)
  if (!purge) for (const target of targets) assertNothingAbove(standing, target)
  const applied = new Set([...(standing.applied ?? [])].filter((id) => graph.revisions.has(id)))
  const kept = purge ? ancestors(graph, targets) : keptByStamp(standing, texts, targets)
  const down = latestFirst(standing, new Set([...applied].filter((id) => purge || !kept.has(id))))
  const up = sort(graph, new Set([...kept].filter((id) => purge || !applied.has(id))))
  const steps = [...stepsOf(graph, down, 'down', false), ...stepsOf(graph, up, 'up', false)]
  return { from: standing.current, to: [...maximal(graph, kept), ...(purge ? [] : unknownHeads(standing))], steps }
}

/** A stamp leaves other branches alone: of what is applied only what depends on the targets is forgotten. */
function keptByStamp(
  standing: Standing,
  texts: readonly string[],
  targets: readonly RevisionId[],
): ReadonlySet<RevisionId> {
  const { graph } = standing
  const toBase = texts.map((text) => readTarget(graph, text)).filter(isBase)
  const forgotten = new Set([
    ...descendants(graph, targets),
    ...toBase.flatMap((target) => [...appliedAbove(standing, target)]),
  ])
  const others = (standing.applied ?? []).filter((id) => graph.revisions.has(id) && !forgotten.has(id))
  return new Set([...ancestors(graph, targets), ...others])
}

/** `base` or `L@base` itself, not a place counted from it. */
function isBase({ anchor, offset }: Target): boolean {
  return anchor?.kind === 'base' && offset === null
}

function assertIndependent(graph: RevisionGraph, targets: readonly RevisionId[]): void {
  for (const target of targets) {
    const below = ancestors(graph, [target])
    const other = targets.find((id) => id !== target && below.has(id))
    if (other === undefined) continue
    throw new UsageError('usage.bad-option', `${target} depends on ${other}, so only one of them can be stamped.`, {
      hint: `Write \`mig stamp ${target}\`: it includes ${other}.`,
    })
  }
}

/** A revision that is not applied, and others are that depend on it: what is there would be forgotten, and run again. */
function assertNothingAbove({ graph, applied }: Standing, target: RevisionId): void {
  if (applied?.includes(target)) return
  const above = descendants(graph, [target])
  const others = (applied ?? []).filter((id) => above.has(id))
  if (others.length === 0) return
  throw new UsageError(
    'target.not-applied',
    `${target} is not applied, and ${others.join(', ')}, which depends on it, is: a stamp there would forget what is in the database.`,
    {
      hint: `To mark what is missing below: mig stamp ${summits(graph, new Set(applied)).join(' ')}`,
      revision: target,
    },
  )
}

function assertReversible(plan: Plan): void {
  const stuck = plan.steps.find(({ revision }) => revision.irreversible !== null)?.revision
  if (stuck === undefined) return
  throw new MigrationError(
    'migration.irreversible',
    `${revisionTitle(stuck)} cannot be undone: ${stuck.irreversible}`,
    {
      hint: `Stop above it: \`mig downgrade ${stuck.revision}\`. To go back behind it, write a new migration that goes forward. Nothing was changed.`,
      revision: stuck.revision,
      path: stuck.path,
    },
  )
}

/** What no file has cannot be taken down. */
function assertKnown({ graph }: Standing, going: ReadonlySet<RevisionId>): void {
  const unknown = [...going].filter((id) => !graph.revisions.has(id))
  if (unknown.length === 0) return
  throw new HistoryError(
    'history.unknown-revision',
    `${unknown.join(', ')} would have to be taken down, and no file has it. Nothing was changed.`,
    {
      hint: `Get the file: git log --all --oneline -- '*${unknown[0]}*', or: mig show ${unknown[0]} --stored`,
    },
  )
}

/**
 * Refuses a downgrade below revisions that no file has and that depend on what would go.
 * @throws HistoryError `history.unknown-revision`
 */
export function assertLeavesNoOrphans(plan: Plan, history: readonly AppliedRevision[]): void {
  const going = new Set(plan.steps.map(({ revision }) => revision.revision))
  const orphan = history.find(
    ({ revision, downRevisions, dependsOn }) =>
      !going.has(revision) && [...downRevisions, ...dependsOn].some((id) => going.has(id)),
  )
  if (orphan === undefined) return
  throw new HistoryError(
    'history.unknown-revision',
    `${revisionTitle(orphan)} depends on what would be taken down, and no file has it. Nothing was changed.`,
    {
      hint: `Get its file: git log --all --oneline -- '*${orphan.revision}*', or: mig show ${orphan.revision} --stored`,
      revision: orphan.revision,
    },
  )
}

/** As a target of a run, `current` would always do nothing: whoever types it means something else. */
function assertNotCurrent(target: Target): void {
  if (target.anchor?.kind !== 'current') return
  throw new UsageError(
    'target.unknown',
    '“current” is where the database stands already, so it is no target to go to.',
    {
      hint: 'One revision further is +1, one back is -1.',
    },
  )
}

/** `-n` and `L@-n`: the last n applied, whatever their shape; what depends on them must be among them. */
function lastApplied(standing: Standing, target: Target): ReadonlySet<RevisionId> {
  const { graph, applied } = standing
  const count = -(target.offset ?? 0)
  if (count <= 0) {
    throw new UsageError('target.out-of-range', `“${target.text}” does not go down.`, {
      hint: `To go forward: \`mig upgrade ${target.text}\`. To take the last one down: \`mig downgrade -1\`.`,
    })
  }
  const within = branchLineage(graph, target.branch)
  const eligible = (applied ?? []).filter((id) => within === undefined || within.has(id))
  if (eligible.length < count) {
    throw new UsageError(
      'target.out-of-range',
      `“${target.text}” counts ${count}, and ${eligible.length === 0 ? 'nothing is' : `only ${eligible.length} ${eligible.length === 1 ? 'is' : 'are'}`} applied${target.branch === null ? '' : ` on “${target.branch}”`}.`,
      {
        hint:
          eligible.length === 0 ? 'There is nothing to take down.' : 'To take everything down: `mig downgrade base`.',
      },
    )
  }
  const going = new Set(eligible.slice(eligible.length - count))
  assertNothingElseGoes(standing, target, going, descendants(graph, going))
  return going
}

/** The applied descendants of the target's children; for `base`, everything (of the branch). */
function appliedAbove(standing: Standing, target: Target): ReadonlySet<RevisionId> {
  const { graph } = standing
  const applied = new Set(standing.applied)
  const within = branchLineage(graph, target.branch)
  const found = resolve(standing, target.text)
  if (found.length > 1) throw severalTargets(standing, target, found)
  const [stop] = found
  if (stop !== undefined && !applied.has(stop)) throw notApplied(standing, stop)
  const children = stop === undefined ? bases(graph) : linked(graph.children.down, stop)
  const roots = within === undefined ? children : children.filter((id) => within.has(id))
  const going = descendants(graph, roots)
  if (within !== undefined) {
    const ofBranch = new Set([...going].filter((id) => within.has(id)))
    assertNothingElseGoes(standing, target, ofBranch, going)
  }
  const taken = new Set([...going].filter((id) => applied.has(id)))
  if (stop !== undefined && taken.size === 0 && !standing.current.includes(stop)) throw onlyDependency(standing, stop)
  return taken
}

function assertNothingElseGoes(
  standing: Standing,
  target: Target,
  meant: ReadonlySet<RevisionId>,
  going: ReadonlySet<RevisionId>,
): void {
  const applied = new Set(standing.applied)
  const others = [...going].filter((id) => applied.has(id) && !meant.has(id))
  if (others.length === 0) return
  throw new UsageError(
    'target.outside-branch',
    `“${target.text}” would also take down ${others.length} applied ${others.length === 1 ? 'revision' : 'revisions'} outside it: ${others.join(', ')}.`,
    {
      hint: 'Take those down first, or downgrade without the branch.',
      detail: titles(standing.graph, others),
    },
  )
}

/** Children before parents; among independent ones the latest applied first. */
function latestFirst(standing: Standing, going: ReadonlySet<RevisionId>): readonly RevisionId[] {
  const { graph, applied } = standing
  const order = (applied ?? []).filter((id) => going.has(id))
  const inOrder = isOrdered(graph, order)
  return (inOrder ? order : sort(graph, going)).toReversed()
}

/** Whether parents come first. It is so unless the parent links were edited after they were applied. */
function isOrdered(graph: RevisionGraph, ids: readonly RevisionId[]): boolean {
  const place = new Map(ids.map((id, index) => [id, index]))
  return ids.every((id, index) => linked(graph.parents.all, id).every((parent) => (place.get(parent) ?? -1) < index))
}

function planOf(standing: Standing, ids: readonly RevisionId[], direction: Step['direction'], run: boolean): Plan {
  const { graph } = standing
  const after = new Set(standing.applied)
  for (const id of ids) {
    if (direction === 'up') after.add(id)
    else after.delete(id)
  }
  const to = ids.length === 0 ? standing.current : [...maximal(graph, after), ...unknownHeads(standing)]
  return { from: standing.current, to, steps: stepsOf(graph, ids, direction, run) }
}

/** Current heads that no file has: no plan touches them. */
function unknownHeads({ graph, current }: Standing): readonly RevisionId[] {
  return current.filter((id) => !graph.revisions.has(id))
}

function stepsOf(
  graph: RevisionGraph,
  ids: readonly RevisionId[],
  direction: Step['direction'],
  run: boolean,
): readonly Step[] {
  return ids.flatMap((id) => {
    const revision = graph.revisions.get(id)
    return revision === undefined ? [] : [{ direction, revision, run }]
  })
}

function notApplied(standing: Standing, id: RevisionId): UsageError {
  const title = revisionTitle(standing.graph.revisions.get(id) ?? { revision: id, message: '' })
  const now = standing.current.length === 0 ? 'nothing is applied' : `the database is at ${standing.current.join(', ')}`
  return new UsageError('target.not-applied', `${title} is not applied, so a downgrade cannot stop there: ${now}.`, {
    hint: `See \`mig history\`. To go forward to it: \`mig upgrade ${id}\`.`,
    revision: id,
  })
}

function onlyDependency(standing: Standing, id: RevisionId): UsageError {
  const users = [...linked(standing.graph.children.all, id)].filter((child) => standing.applied?.includes(child))
  return new UsageError(
    'target.not-applied',
    `${id} is applied only because ${users.join(', ')} depends on it; nothing after it in its own branch is applied, so there is nothing to take down.`,
    {
      hint: `To take the dependent down, name the revision below it. See \`mig history\`.`,
      revision: id,
    },
  )
}

function severalTargets(standing: Standing, target: Target, found: readonly RevisionId[]): UsageError {
  return new UsageError(
    'target.multiple-heads',
    `A downgrade stops at one revision, and “${target.text}” names ${found.length}: ${found.join(', ')}.`,
    {
      hint: 'Name one of them.',
      detail: titles(standing.graph, found),
    },
  )
}
