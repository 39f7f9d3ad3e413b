// Project: the configuration, the migrations of its folders, and their graph.

import type { Diagnostic } from '../core/diagnostic.js'
import { assertNoErrors, GraphError } from '../core/errors.js'
import { buildGraph, type RevisionGraph } from '../core/graph/graph.js'
import type { RevisionId } from '../core/graph/revision.js'
import { validateGraph } from '../core/graph/validate.js'
import type { Config } from './config.js'
import { type Care, discover, type MigrationFile } from './discover.js'
import { findWorldWritable } from './rights.js'
import { readTexts, type Texts } from './texts.js'

export interface Project {
  readonly config: Config
  readonly graph: RevisionGraph
  readonly files: ReadonlyMap<RevisionId, MigrationFile>
  /** What is worth knowing about the folder and stops nothing. */
  readonly remarks: readonly Diagnostic[]
}

/** What lies in the folders of a configuration, and all that is to be said of it. */
export interface Folders {
  readonly migrations: readonly MigrationFile[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Everything that can be said about the folders of a configuration; errors among it forbid to build a graph. */
export async function readFolders(config: Config, care?: Care, texts = textsOf(config)): Promise<Folders> {
  const { migrations, diagnostics } = await discover(config.root, texts, care)
  const ofGraph = validateGraph(migrations.map(({ revision }) => revision))
  // A file that could not be read is missing from the graph: that its children miss a parent then adds nothing.
  const hasBroken = diagnostics.some(({ severity }) => severity === 'error')
  return {
    migrations,
    diagnostics: [
      ...diagnostics,
      ...findWorldWritable(
        config.root,
        config.migrations,
        care?.isThorough === true ? migrations.map(({ file }) => file) : [],
      ),
      ...(hasBroken ? ofGraph.filter(({ code }) => code !== 'graph.missing-parent') : ofGraph),
    ],
  }
}

/**
 * What lies in the folders of a configuration, as it is read.
 * @throws UsageError `config.not-found` for a missing folder
 */
export function textsOf({ root, migrations }: Config): Texts {
  return readTexts(root, migrations)
}

/**
 * Reads all migrations and builds their graph. Whoever has read the texts gives them along.
 * @throws GraphError with all findings; UsageError `config.not-found` for a missing folder
 */
export async function openProject(config: Config, texts?: Texts): Promise<Project> {
  const folders = await readFolders(config, undefined, texts)
  assertNoErrors(GraphError, folders.diagnostics)
  return projectOf(config, folders)
}

/** The project that folders without errors make. */
export function projectOf(config: Config, { migrations, diagnostics }: Folders): Project {
  return {
    config,
    graph: buildGraph(migrations.map(({ revision }) => revision)),
    files: new Map(migrations.map((migration) => [migration.revision.revision, migration])),
    remarks: diagnostics,
  }
}
