// What is wrong with a folder's graph: all findings in one report, not just the first.

import type { Diagnostic } from '../diagnostic.js'
import { nearest } from '../nearest.js'
import { whyIllegalId, whyIllegalLabel, type Revision, type RevisionId } from './revision.js'

/** Everything that forbids to build a graph of `revisions`; empty when it is sound. */
export function validateGraph(revisions: readonly Revision[]): readonly Diagnostic[] {
  if (isPlainlySound(revisions)) return []
  return [
    ...revisions.flatMap(illegalNames),
    ...duplicateRevisions(revisions),
    ...duplicateLabels(revisions),
    ...missingParents(revisions),
    ...cycles(revisions),
  ]
}

/** Most folders in one look: legal ids, each once and behind its parents, as names that begin with dates order them. */
function isPlainlySound(revisions: readonly Revision[]): boolean {
  const seen = new Set<RevisionId>()
  for (const { revision, downRevisions, branchLabels, dependsOn } of revisions) {
    if (seen.has(revision) || branchLabels.length > 0 || dependsOn.length > 0) return false
    if (whyIllegalId(revision) !== null || !downRevisions.every((id) => seen.has(id))) return false
    seen.add(revision)
  }
  return true
}

function illegalNames(revision: Revision): readonly Diagnostic[] {
  const about = {
    code: 'graph.illegal-id',
    severity: 'error',
    revision: revision.revision,
    path: revision.path,
  } as const
  const id = whyIllegalId(revision.revision)
  return [
    ...(id === null
      ? []
      : [
          {
            ...about,
            message: `“${revision.revision}” in ${revision.path} cannot be a revision id: ${id}.`,
            hint: 'Write 12 hexadecimal digits, or a short name like create_users.',
          },
        ]),
    ...revision.branchLabels.flatMap((label) => {
      const why = whyIllegalLabel(label)
      return why === null
        ? []
        : [
            {
              ...about,
              message: `“${label}” in ${revision.path} cannot be a branch label: ${why}.`,
              hint: 'Write a short name like billing.',
            },
          ]
    }),
  ]
}

function duplicateRevisions(revisions: readonly Revision[]): readonly Diagnostic[] {
  const first = new Map<RevisionId, Revision>()
  const found: Diagnostic[] = []
  for (const revision of revisions) {
    const other = first.get(revision.revision)
    if (other === undefined) first.set(revision.revision, revision)
    else
      found.push({
        code: 'graph.duplicate-revision',
        severity: 'error',
        message: `Revision ${revision.revision} is declared by two files: ${other.path} and ${revision.path}.`,
        hint: 'Give the newer file an id of its own; if one is a copy, delete it.',
        revision: revision.revision,
        path: revision.path,
      })
  }
  return found
}

function duplicateLabels(revisions: readonly Revision[]): readonly Diagnostic[] {
  const ids = new Set(revisions.map(({ revision }) => revision))
  const owners = new Map<string, Revision>()
  const found: Diagnostic[] = []
  for (const revision of revisions) {
    for (const label of revision.branchLabels) {
      const other = owners.get(label)
      owners.set(label, other ?? revision)
      if (other === undefined && !ids.has(label)) continue
      const clash = other === undefined ? 'is also a revision id' : `is also declared by ${other.path}`
      found.push({
        code: 'graph.duplicate-label',
        severity: 'error',
        message: `Branch label “${label}” in ${revision.path} ${clash}.`,
        hint: 'Rename the label, or remove it from one of the files.',
        revision: revision.revision,
        path: revision.path,
      })
    }
  }
  return found
}

function missingParents(revisions: readonly Revision[]): readonly Diagnostic[] {
  const ids = new Set(revisions.map(({ revision }) => revision))
  const labels = new Set(revisions.flatMap(({ branchLabels }) => branchLabels))
  return revisions.flatMap((revision) => [
    ...revision.downRevisions.filter((id) => !ids.has(id)).map((id) => missing(revision, 'downRevision', id, ids)),
    ...revision.dependsOn
      .filter((name) => !ids.has(name) && !labels.has(name))
      .map((name) => missing(revision, 'dependsOn', name, [...ids, ...labels])),
  ])
}

function missing(
  revision: Revision,
  key: 'downRevision' | 'dependsOn',
  id: string,
  known: Iterable<string>,
): Diagnostic {
  const alike = nearest(id, known, 4)
    .filter((name) => name !== revision.revision)
    .slice(0, 3)
  const ask =
    alike.length > 0
      ? `Did you mean ${alike.join(' or ')}?`
      : `Is its file not merged yet? Look for it: git log --all --oneline -S"'${id}'" -- .`
  return {
    code: 'graph.missing-parent',
    severity: 'error',
    message: `${revision.revision} (${revision.path}) names ${id} as its ${key}, which no file has.`,
    hint: ask,
    revision: revision.revision,
    path: revision.path,
  }
}

/** Each circle once, as a path in which every revision depends on the next. Linear in revisions and links. */
function cycles(revisions: readonly Revision[]): readonly Diagnostic[] {
  const owners = new Map(
    revisions.flatMap(({ revision, branchLabels }) => branchLabels.map((label) => [label, revision])),
  )
  const parents = new Map(
    revisions.map(({ revision, downRevisions, dependsOn }) => [
      revision,
      [...downRevisions, ...dependsOn.map((name) => owners.get(name) ?? name)],
    ]),
  )
  const paths = new Map(revisions.map(({ revision, path }) => [revision, path]))
  return circlesOf(parents).map((circle) => {
    const [start = ''] = circle
    const itself = circle.length === 1
    return {
      code: 'graph.cycle',
      severity: 'error',
      message: itself
        ? `${start} (${paths.get(start)}) names itself as its parent.`
        : `Revisions depend on each other in a circle: ${[...circle, start].join(' → ')}.`,
      hint: itself
        ? 'Write the id of the revision below it, or null for a base.'
        : `Correct downRevision or dependsOn in one of: ${circle.map((id) => paths.get(id)).join(', ')}.`,
      revision: start,
      ...(paths.has(start) && { path: paths.get(start) }),
    } as Diagnostic
  })
}

/** Depth first along parents, with an explicit stack; a link back into the open path closes a circle. */
function circlesOf(parents: ReadonlyMap<RevisionId, readonly RevisionId[]>): readonly (readonly RevisionId[])[] {
  const done = new Set<RevisionId>()
  const circles: (readonly RevisionId[])[] = []
  for (const start of parents.keys()) {
    const path: RevisionId[] = []
    const placeInPath = new Map<RevisionId, number>()
    const open: { id: RevisionId; leave: boolean }[] = [{ id: start, leave: false }]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { id, leave } = next
      if (leave) {
        path.pop()
        placeInPath.delete(id)
        done.add(id)
        continue
      }
      const place = placeInPath.get(id)
      if (place !== undefined) circles.push(path.slice(place))
      if (place !== undefined || done.has(id)) continue
      placeInPath.set(id, path.length)
      path.push(id)
      open.push({ id, leave: true })
      // One by one: as arguments of a single call, the parents of a wide merge would exhaust the stack.
      for (const parent of parents.get(id) ?? []) if (parents.has(parent)) open.push({ id: parent, leave: false })
    }
  }
  return circles
}
