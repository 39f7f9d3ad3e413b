// What a program leaves in the database when it has run to its end. Pure.

import { flatten, marksOf, type Operation } from './program.js'

/** Marks → how often what they stand for is there. Where a migration fails, its fixed program is what counts. */
export type Effects = ReadonlyMap<number, number>

/** Of operations that all ran. */
export function expectedEffects(operations: readonly Operation[]): Effects {
  return new Map(operations.flatMap(kept).map((mark) => [mark, 1]))
}

function kept(operation: Operation): readonly number[] {
  switch (operation.kind) {
    case 'insert':
    case 'several':
    case 'ddl':
    case 'deadlock':
      return marksOf(operation)
    case 'block':
      return operation.end === 'keep' ? operation.operations.flatMap(kept) : besides(operation.operations)
    case 'beside':
      return operation.isRefused ? [] : marksOf(operation)
    case 'session':
    case 'refused':
    case 'fail':
      return []
  }
}

/** What is not rolled back with the block around it. */
function besides(operations: readonly Operation[]): readonly number[] {
  return flatten(operations)
    .filter(({ kind }) => kind === 'beside')
    .flatMap(kept)
}
