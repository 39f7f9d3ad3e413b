// SQLite: there is no server to ask what others do.

import type { ActivityAnswers } from '../contract/activity.js'

export const activity: ActivityAnswers = {
  connectionId: () => Promise.resolve(null),
  statementOf: () => Promise.resolve(null),
  blockers: () => Promise.resolve([]),
  waiters: () => Promise.resolve([]),
}
