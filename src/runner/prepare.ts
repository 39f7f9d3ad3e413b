// What comes before the first write of a run.

import { EngineError } from '../core/errors.js'
import { describePlace } from '../core/place.js'
import type { Session } from '../session/session.js'

/** Settings for a run. Behind a pooler they would reach somebody else. */
export async function prepareRun({ engine, connection, keepsSession }: Session, label: string): Promise<void> {
  if (keepsSession) await engine.prepareRun(connection, label)
}

/** @throws EngineError `engine.read-only` */
export function assertWritable({ readOnly, place }: Session): void {
  if (readOnly === null) return
  throw new EngineError(
    'engine.read-only',
    `${describePlace(place)} cannot be written: ${readOnly}. Nothing was changed.`,
    {
      hint: 'Connect to the primary, or make the file writable.',
    },
  )
}
