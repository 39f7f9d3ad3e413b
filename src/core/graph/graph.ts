// The graph of revisions: who depends on whom. Every walk is a loop: a chain of 100,000 must not exhaust the stack.

import type { Revision, RevisionId } from './revision.js'

/** Which links count: `down` links alone, or `all` (down and dependency links). */
export type Edges = 'down' | 'all'

/** Revisions with their links in both directions. Every id in it is a key of `revisions`. */
export interface RevisionGraph {
  /** In tie order: by file name, then id. */
  readonly revisions: ReadonlyMap<RevisionId, Revision>
  /** Branch label → the revision that declares it. */
  readonly labels: ReadonlyMap<string, RevisionId>
  readonly parents: Readonly<Record<Edges, Links>>
  readonly children: Readonly<Record<Edges, Links>>
}

export type Links = ReadonlyMap<RevisionId, readonly RevisionId[]>

/** Builds the graph of revisions that `validateGraph` found right; links to unknown ids are left out. */
export function buildGraph(revisions: Iterable<Revision>): RevisionGraph {
  const ordered = inTieOrder(revisions)
  const byId = new Map<RevisionId, Revision>()
  for (const revision of ordered) byId.set(revision.revision, revision)
  const labels = new Map(
    ordered.flatMap(({ revision, branchLabels }) => branchLabels.map((label) => [label, revision])),
  )
  const known = (ids: readonly RevisionId[]) =>
    ids.every((id) => byId.has(id)) ? ids : ids.filter((id) => byId.has(id))
  const down = new Map<RevisionId, readonly RevisionId[]>()
  for (const { revision, downRevisions } of byId.values()) down.set(revision, known(unique(downRevisions)))
  const ofDown = reversed(down)
  if (ordered.every(({ dependsOn }) => dependsOn.length === 0))
    return { revisions: byId, labels, parents: { down, all: down }, children: { down: ofDown, all: ofDown } }
  const all = new Map<RevisionId, readonly RevisionId[]>()
  for (const { revision, dependsOn } of byId.values()) {
    const dependencies = known(dependsOn.map((name) => labels.get(name) ?? name))
    all.set(revision, unique([...linked(down, revision), ...dependencies]))
  }
  return { revisions: byId, labels, parents: { down, all }, children: { down: ofDown, all: reversed(all) } }
}

/** Everything `ids` depend on, and `ids` themselves. */
export function ancestors(
  graph: RevisionGraph,
  ids: Iterable<RevisionId>,
  edges: Edges = 'all',
): ReadonlySet<RevisionId> {
  return reach(graph.parents[edges], ids)
}

/** Everything that depends on `ids`, and `ids` themselves. */
export function descendants(
  graph: RevisionGraph,
  ids: Iterable<RevisionId>,
  edges: Edges = 'all',
): ReadonlySet<RevisionId> {
  return reach(graph.children[edges], ids)
}

/** Ancestors and descendants of `id` by down links, and `id`. */
export function lineage(graph: RevisionGraph, id: RevisionId): ReadonlySet<RevisionId> {
  return new Set([...ancestors(graph, [id], 'down'), ...descendants(graph, [id], 'down')])
}

/** Revisions without a child, in tie order. By `all` links these are the effective heads. */
export function heads(graph: RevisionGraph, edges: Edges = 'down'): readonly RevisionId[] {
  return [...graph.revisions.keys()].filter((id) => graph.children[edges].get(id)?.length === 0)
}

/** What a revision depends on, labels as the ids that they name: so the history keeps it. */
export function dependenciesOf(graph: RevisionGraph, id: RevisionId): readonly RevisionId[] {
  return (graph.revisions.get(id)?.dependsOn ?? []).map((name) => graph.labels.get(name) ?? name)
}

/** Revisions without a `downRevision`, in tie order. */
export function bases(graph: RevisionGraph): readonly RevisionId[] {
  return [...graph.revisions.keys()].filter((id) => graph.parents.down.get(id)?.length === 0)
}

/** Revisions with more than one child by down links, in tie order. */
export function branchPoints(graph: RevisionGraph): readonly RevisionId[] {
  return [...graph.revisions.keys()].filter((id) => linked(graph.children.down, id).length > 1)
}

/** Revisions with more than one parent by down links, in tie order. */
export function mergePoints(graph: RevisionGraph): readonly RevisionId[] {
  return [...graph.revisions.keys()].filter((id) => linked(graph.parents.down, id).length > 1)
}

/** The members of `ids` that no other member depends on: the heads of a part of the graph. In tie order. */
export function maximal(graph: RevisionGraph, ids: ReadonlySet<RevisionId>): readonly RevisionId[] {
  return [...graph.revisions.keys()].filter(
    (id) => ids.has(id) && !linked(graph.children.all, id).some((child) => ids.has(child)),
  )
}

/** As `maximal`, for a set that has holes: also what is in between may be missing. */
export function summits(graph: RevisionGraph, ids: ReadonlySet<RevisionId>): readonly RevisionId[] {
  const candidates = maximal(graph, ids)
  const below = new Set(candidates.flatMap((id) => [...ancestors(graph, linked(graph.parents.all, id))]))
  return candidates.filter((id) => !below.has(id))
}

/** The branch labels that reach `id` from below or above: those declared in its lineage, nearest first. */
export function labelsOf(graph: RevisionGraph, id: RevisionId): readonly string[] {
  const own = graph.revisions.get(id)?.branchLabels ?? []
  if (graph.labels.size === own.length) return own
  const line = lineage(graph, id)
  return [...own, ...[...graph.labels].filter(([, owner]) => owner !== id && line.has(owner)).map(([label]) => label)]
}

/**
 * `ids` with parents before children. Among independent ones a branch is finished before the next begins, ties in
 * tie order. Linear in revisions and links.
 */
export function sort(graph: RevisionGraph, ids: ReadonlySet<RevisionId>): readonly RevisionId[] {
  const waitingFor = new Map<RevisionId, number>()
  const ready: RevisionId[] = []
  for (const id of graph.revisions.keys()) {
    if (!ids.has(id)) continue
    const missing = linked(graph.parents.all, id).filter((parent) => ids.has(parent)).length
    waitingFor.set(id, missing)
    if (missing === 0) ready.push(id)
  }
  ready.reverse()
  const sorted: RevisionId[] = []
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    sorted.push(id)
    for (const next of released(linked(graph.children.all, id), waitingFor).reverse()) ready.push(next)
  }
  return sorted
}

/** The links of `id`; none when the graph does not know it. */
export function linked(links: Links, id: RevisionId): readonly RevisionId[] {
  return links.get(id) ?? []
}

function released(children: readonly RevisionId[], waitingFor: Map<RevisionId, number>): RevisionId[] {
  const free: RevisionId[] = []
  for (const child of children) {
    const missing = waitingFor.get(child)
    if (missing === undefined) continue
    waitingFor.set(child, missing - 1)
    if (missing === 1) free.push(child)
  }
  return free
}

function reach(links: Links, ids: Iterable<RevisionId>): ReadonlySet<RevisionId> {
  const reached = new Set<RevisionId>()
  const open = [...ids].filter((id) => links.has(id))
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    for (const next of linked(links, id)) open.push(next)
  }
  return reached
}

/** Children in the order of `parents`' keys, so that every list of the graph is in tie order. */
function reversed(parents: Links): Links {
  const children = new Map<RevisionId, RevisionId[]>()
  for (const id of parents.keys()) children.set(id, [])
  for (const [id, above] of parents) for (const parent of above) children.get(parent)?.push(id)
  return children
}

function inTieOrder(revisions: Iterable<Revision>): readonly Revision[] {
  const keyed = Array.from(revisions, (revision) => ({ revision, name: fileName(revision.path) }))
  keyed.sort((a, b) => compare(a.name, b.name) || compare(a.revision.revision, b.revision.revision))
  return keyed.map(({ revision }) => revision)
}

/** Without folder and extension: `.ts` in development and `.js` in production must give one order. */
function fileName(path: string): string {
  return path.replace(/^.*[\\/]/, '').replace(/\.[cm]?[jt]s$/, '')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function unique<T>(items: readonly T[]): readonly T[] {
  return items.length < 2 ? items : [...new Set(items)]
}
