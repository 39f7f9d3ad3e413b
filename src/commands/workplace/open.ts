// What commands open: the project, and the database. Whatever was opened is closed at the end.

import { dirname, resolve } from 'node:path'
import type { Listener } from '../../core/event.js'
import { type Config, readConfig } from '../../files/config.js'
import { createLoader, type Loader } from '../../files/loader.js'
import { openProject, type Project } from '../../files/project.js'
import { readDatabaseSetting } from '../../files/knexfile.js'
import { chooseEngine } from '../../engines/index.js'
import type { Purpose } from '../../engines/contract/connection.js'
import { connect } from '../../session/connect.js'
import type { Session } from '../../session/session.js'
import { withWords } from '../../session/driver-errors.js'
import type { CommonOptions } from './command.js'

/** What a command works with. */
export interface Workplace {
  readonly config: Config
  readonly loader: Loader
  readonly report: Listener
  readonly signal: AbortSignal
  /** In seconds; undefined: as long as what is done is worth. */
  readonly connectTimeout: number | undefined
}

/** Reads the configuration, runs `work`, and takes the TypeScript hooks out again. */
export async function withConfig<T>(options: CommonOptions, work: (place: Workplace) => Promise<T>): Promise<T> {
  const cwd = options.cwd ?? process.cwd()
  const loader = createLoader(typeof options.config === 'string' ? dirname(resolve(cwd, options.config)) : cwd)
  try {
    const request = {
      cwd,
      config: options.config,
      environment: options.env,
      databaseUrl: options.databaseUrl,
      env: process.env,
    }
    const config = await readConfig(request, loader)
    return await work({
      config,
      loader,
      report: options.onEvent ?? (() => undefined),
      signal: options.signal ?? new AbortController().signal,
      connectTimeout: options.connectTimeout,
    })
  } finally {
    await loader.close()
  }
}

/** As `withConfig`, with the migrations read and their graph built. */
export function withProject<T>(
  options: CommonOptions,
  work: (project: Project, place: Workplace) => Promise<T>,
): Promise<T> {
  return withConfig(options, async (place) => work(await openProject(place.config), place))
}

/** A run waits so many seconds for a server that does not answer: in a deploy it may be starting, too. */
const runTimeout = 30

/** Opens the database of a configuration for `work`. */
export async function withSession<T>(
  { config, loader, report, signal, connectTimeout }: Workplace,
  purpose: Purpose,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const choice = await chooseEngine(await readDatabaseSetting(config, loader), config.root)
  const { environment, historyTable, historySchema } = config
  const request = { ...choice, purpose, environment, historyTable, historySchema }
  const timeoutMs = (connectTimeout ?? (purpose === 'run' ? runTimeout : 0)) * 1000
  const session = await connect(request, { timeoutMs, report, signal })
  try {
    return await withWords(session.engine, session.place, () => work(session))
  } finally {
    await session.close()
  }
}
