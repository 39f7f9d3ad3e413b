// A table of faults: what is there, what is typed, what must be said, and what must be so afterwards. One row is one test.

import { expect, test } from '@jest/globals'

import { appliedIn, snapshot } from '../../support/migrations.js'
import { createProject, type Project, type ProgramResult } from '../../support/project.js'
import type { Bench } from '../../runner/workbench.js'

/** A command line in a folder of files, on SQLite. */
export interface Fault {
  /** The number of the case, and the case in words. */
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** What happened before. */
  readonly prepare?: (project: Project) => unknown
  /** `upgrade` if not given. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly code: number
  /** Found in what is said, on either stream. */
  readonly says: RegExp
  /** The history afterwards. Where nothing is given, no file may have changed, the database included. */
  readonly applied?: readonly string[]
}

/** Registers a test for each row. */
export function testFaults(faults: readonly Fault[]): void {
  for (const fault of faults) test(fault.name, () => meet(fault), 60_000)
}

async function meet({ name, files, prepare, args = ['upgrade'], env, code, says, applied }: Fault): Promise<void> {
  const project = createProject({ files: { 'migrations/.keep': '', ...files } })
  await prepare?.(project)
  const before = snapshot(project)
  const result = await project.run(args, { env: { LC_ALL: 'C.UTF-8', ...env } })
  expectSaid(result, { name, code, says })
  if (applied === undefined) expect(snapshot(project)).toEqual(before)
  else expect(appliedIn(project)).toEqual(applied)
}

/** Exit code and words in one comparison, so that a failure shows both. */
export function expectSaid(
  { code, stdout, stderr }: ProgramResult,
  expected: { readonly name: string; readonly code: number; readonly says: RegExp },
): void {
  expect({ name: expected.name, code, said: `${stdout}${stderr}` }).toEqual({
    name: expected.name,
    code: expected.code,
    said: expect.stringMatching(expected.says),
  })
}

/** That a run ends so, and leaves the history and the tables so. */
export async function expectRun(
  bench: Bench,
  name: string,
  expected: {
    readonly code: number
    readonly says: RegExp
    readonly rows: readonly string[]
    readonly tables?: readonly string[]
  },
): Promise<void> {
  expectSaid(await bench.run('upgrade'), { name, ...expected })
  expect(await bench.rows()).toStrictEqual(expected.rows)
  if (expected.tables !== undefined) expect(await bench.tables()).toStrictEqual(expected.tables)
}
