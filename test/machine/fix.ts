// What a person does with a migration that failed: the statement is removed or corrected. Pure.

import { flatten, mapOperations, type MachineMigration, type Operation, type Program } from './program.js'

export type Fail = Extract<Operation, { kind: 'fail' }>

/** Where a migration fails; undefined when it does not. */
export function firstFail({ operations }: MachineMigration): Fail | undefined {
  return flatten(operations).find((each) => each.kind === 'fail')
}

export function fix(program: Program, { mark }: Fail): Program {
  return mapOperations(program, (each) => {
    if (each.kind !== 'fail' || each.mark !== mark) return [each]
    return each.fix === 'remove' ? [] : [{ kind: 'insert', mark, how: 'text' }]
  })
}
