// lock: who is at work on the database, and at what.

import { describePlace, type Place } from '../core/place.js'
import { alignColumns } from '../core/render/columns.js'
import { formatDuration } from '../core/render/duration.js'
import { describeLease, type Holder, readHolder } from '../lock/holder.js'
import { takeOverAfterS } from '../lock/silence.js'
import { defineCommand } from './workplace/command.js'
import { withConfig, withSession } from './workplace/open.js'

export interface LockResult {
  readonly place: Place
  /** Null when nobody is at work. */
  readonly holder: Holder | null
}

export const lock = defineCommand({
  name: 'lock',
  summary: 'Show who holds the lock of the database, since when, and what it runs',
  description:
    'A lock of a session ends with its process, whatever ends that; a lease ends a minute after its last heartbeat. Nobody has to free either by hand. Takes nothing and changes nothing.',
  arguments: {},
  options: {},
  examples: [
    ['mig lock', 'who is at work'],
    ['mig lock --json', 'the same for programs'],
  ],
  needs: 'database',
  changes: false,
  run: (options) =>
    withConfig(options, (workplace) =>
      withSession(workplace, 'look', async (session): Promise<LockResult> => {
        return { place: session.place, holder: await readHolder(session) }
      }),
    ),
  format: ({ place, holder }, style) => {
    if (holder === null) return `${style.green('Free.')} Nobody is at work on ${describePlace(place)}.`
    const { who, command, since, session, connectedForS, statement, statementForS, lease } = holder
    const seconds = (value: number | null) => (value === null ? '' : ` for ${formatDuration(value * 1000)}`)
    const facts: readonly (readonly [string, string | null])[] = [
      ['held by', who],
      ['runs', command === null ? null : `mig ${command}`],
      ['since', since],
      ['session', session === null ? null : `${session}, connected${seconds(connectedForS)}`],
      ['statement', statement === null ? null : `${statement}${style.dim(seconds(statementForS))}`],
      ['lease', lease === null ? null : describeLease(lease).replace(/^lease /, 'number ')],
    ]
    const shown = facts.flatMap(([name, value]) => (value === null ? [] : [[`  ${style.dim(name)}`, value]]))
    const isSilent = (lease?.silentForS ?? 0) >= takeOverAfterS
    const title = isSilent
      ? `The run that holds the lease of ${describePlace(place)} seems to be gone: the next run takes it over.`
      : `Somebody is at work on ${describePlace(place)}:`
    return [style.yellow(title), ...alignColumns(shown)].join('\n')
  },
})
