// The answer to a statement that was not sent because an earlier run did it: nobody knows it any more.

import { PartialError } from '../core/errors.js'
import { excerpt, shownOfStatement } from '../core/render/excerpt.js'

/** In the place of a driver's response. */
export const skipped = Symbol('skipped')

/** The result of a statement that was left out. It can be awaited, and not be looked into. */
export function sealed(sql: string): unknown {
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (key === 'then') return undefined
        throw unknownResult(sql)
      },
      has() {
        throw unknownResult(sql)
      },
      ownKeys() {
        throw unknownResult(sql)
      },
    },
  )
}

/** The rows of a stream that was left out. */
export function noRows(): never {
  throw unknownResult('a stream')
}

function unknownResult(sql: string): Error {
  const cause = new PartialError(
    'partial.cannot-resume',
    `The migration uses the result of a statement that an earlier run did, and nobody knows it any more: ${excerpt(sql, shownOfStatement)}`,
    {
      hint: 'Give the parts of the migration names, with `await step(...)`: a part that is done is left out as a whole.',
    },
  )
  return new Error(cause.message, { cause })
}
