// What every error of mig carries: a code for programs, an exit code, and findings for people.

import { describe, expect, test } from '@jest/globals'

import type { Diagnostic } from '../../src/core/diagnostic.js'
import {
  assertNoErrors,
  GraphError,
  InterruptedError,
  MigrationError,
  UnsettledError,
  UsageError,
} from '../../src/core/errors.js'
import { answersCommand, byHand, resumeCommand } from '../../src/core/ways-out.js'

function caught(work: () => void): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return null
}

test('an error with one finding lists that one', () => {
  const details = { hint: 'do', revision: 'a1', path: 'a.ts', line: 3, column: 5, detail: 'select 1' }
  const cause = new Error('of the driver')
  const error = new MigrationError('migration.failed', 'It failed.', { ...details, cause })
  expect(error).toMatchObject({ name: 'MigrationError', code: 'migration.failed', exitCode: 1, hint: 'do', cause })
  expect(error.detail).toBe('select 1')
  expect(error.diagnostics).toStrictEqual([
    { code: 'migration.failed', severity: 'error', message: 'It failed.', ...details },
  ])
})

test('what is not known is not said', () => {
  const error = new UsageError('usage.bad-option', 'No.')
  expect(error.diagnostics).toStrictEqual([{ code: 'usage.bad-option', severity: 'error', message: 'No.' }])
  expect('cause' in error).toBe(false)
  expect(new UsageError('usage.bad-option', 'No.', { cause: undefined })).toHaveProperty('cause', undefined)
})

describe('findings', () => {
  const finding = (message: string, severity: Diagnostic['severity'] = 'error'): Diagnostic => ({
    code: 'graph.cycle',
    severity,
    message,
    hint: `hint of ${message}`,
    detail: `detail of ${message}`,
  })

  test('that are none, or warnings, stop nothing', () => {
    expect(caught(() => assertNoErrors(GraphError, []))).toBeNull()
    expect(caught(() => assertNoErrors(GraphError, [finding('One.', 'warning')]))).toBeNull()
  })

  test('are one error: of one, with its words', () => {
    const error = caught(() => assertNoErrors(GraphError, [finding('A warning.', 'warning'), finding('One.')]))
    expect(error).toMatchObject({ code: 'graph.cycle', exitCode: 4, message: 'One.', diagnostics: [finding('One.')] })
    expect(error).toMatchObject({ hint: 'hint of One.', detail: 'detail of One.' })
  })

  test('are one error: of several, with the first, their number, and all of them', () => {
    const all = [finding('One.'), finding('Two.'), finding('Three.')]
    const error = caught(() => assertNoErrors(GraphError, all))
    expect(error).toMatchObject({ message: '3 problems: One. (and 2 more)', diagnostics: all })
  })
})

describe('a run that was stopped', () => {
  test.each([
    ['SIGINT', 130, 'Stopped by SIGINT.'],
    ['SIGTERM', 143, 'Stopped by SIGTERM.'],
    ['SIGHUP', 143, 'Stopped by SIGHUP.'],
    ['caller', 130, 'The run was stopped by its caller.'],
  ] as const)('by %s ends with %d', (by, exitCode, message) => {
    const error = new InterruptedError(by, 'why')
    expect(error).toMatchObject({ code: 'interrupted.signal', exitCode, message, cause: 'why' })
    expect(error.hint).toBe('Run the command again to continue.')
    const rolledBack = error.withRollback('a1 and a2 were')
    expect(rolledBack).toMatchObject({ exitCode, message: `${message} a1 and a2 were rolled back.`, cause: 'why' })
  })

  test('by an error that nobody handled keeps what is known of that', () => {
    const error = new UnsettledError('It broke.', { hint: 'do', path: 'a.ts' }).withRollback('a1 was')
    expect(error).toMatchObject({ code: 'migration.failed', exitCode: 1, message: 'It broke. a1 was rolled back.' })
    expect(error.diagnostics).toMatchObject([{ hint: 'do', path: 'a.ts' }])
  })
})

test('what leads on is a command that works when it is pasted', () => {
  expect(resumeCommand('up')).toBe('mig upgrade --resume')
  expect(resumeCommand('down')).toBe('mig downgrade --resume')
  expect(answersCommand('up', 2)).toBe('mig upgrade --resume --interrupted done --interrupted done')
  expect(byHand('a1')).toBe(
    'complete or undo it by hand, then: mig resolve a1 --applied, or: mig resolve a1 --not-applied',
  )
})
