// What a test run knows about its engines: which can be tested, where they are, and why the others cannot.

export const engineNames = ['sqlite', 'postgres', 'mysql'] as const

export type EngineName = (typeof engineNames)[number]

/** The variable that names a server to use, instead of a throwaway one. */
export const urlVariable = (name: EngineName) => `MIG_TEST_${name.toUpperCase()}_URL`

/** `url` may create databases; for SQLite it names a folder. */
export type EngineReport = { available: true; url: string } | { available: false; reason: string }

export interface RunReport {
  /** For whatever the tests write; removed when the run ends, however it ends. */
  folder: string
  engines: Record<EngineName, EngineReport>
}

// The one way from Jest's main process into its workers is the environment.
const variable = 'MIG_TEST_RUN'

export function writeRunReport(report: RunReport): void {
  process.env[variable] = JSON.stringify(report)
}

export function readRunReport(): RunReport {
  const text = process.env[variable]
  if (text === undefined) throw new Error('the test servers were not started: run the tests with `npm test`')
  return JSON.parse(text) as RunReport
}
