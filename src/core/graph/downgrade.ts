// The plan of a downgrade: what is applied above a target, and what forbids to take it down.

import { HistoryError, MigrationError, UsageError } from '../errors.js'
import { bases, descendants, linked } from './graph.js'
import type { AppliedRevision } from './history.js'
import { assertNotCurrent, latestFirst, type Plan, planOf, unknownHeads } from './plan.js'
import { branchLineage, readTarget, resolve, titles, type Standing } from './resolve.js'
import { revisionTitle, type RevisionId } from './revision.js'
import type { Target } from './target.js'

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

/** Takes down these revisions and nothing else. */
export function planDowngradeOf(standing: Standing, ids: readonly RevisionId[]): Plan {
  const going = new Set(ids)
  assertKnown(standing, going)
  const plan = planOf(standing, latestFirst(standing, going), 'down', true)
  assertReversible(plan)
  return plan
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
  if (unknown.length > 0) throw unknownAbove(unknown)
}

function unknownAbove(ids: readonly RevisionId[]): HistoryError {
  return new HistoryError(
    'history.unknown-revision',
    `${ids.join(', ')} would have to be taken down, and no file has it. Nothing was changed.`,
    { hint: `Get the file: git log --all --oneline -- '*${ids[0]}*', or: mig show ${ids[0]} --stored` },
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
export function appliedAbove(standing: Standing, target: Target): ReadonlySet<RevisionId> {
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
  if (stop !== undefined && taken.size === 0 && !standing.current.includes(stop)) throw heldBy(standing, stop)
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

function notApplied(standing: Standing, id: RevisionId): UsageError {
  const title = revisionTitle(standing.graph.revisions.get(id) ?? { revision: id, message: '' })
  const now = standing.current.length === 0 ? 'nothing is applied' : `the database is at ${standing.current.join(', ')}`
  return new UsageError('target.not-applied', `${title} is not applied, so a downgrade cannot stop there: ${now}.`, {
    hint: `See \`mig history\`. To go forward to it: \`mig upgrade ${id}\`.`,
    revision: id,
  })
}

/** Something applied depends on it, and nothing of that is above it in its own branch. */
function heldBy(standing: Standing, id: RevisionId): UsageError | HistoryError {
  const users = [...linked(standing.graph.children.all, id)].filter((child) => standing.applied?.includes(child))
  if (users.length === 0) return unknownAbove(unknownHeads(standing))
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
