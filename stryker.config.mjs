// What `npm run test:mutations` breaks, and which tests must notice it. docs/testing.md says how it is used.

import 'tsx' // reads the configuration of the tests

const { default: tests } = await import('./jest.config.ts')

/** What an engine reads a statement with. */
const reader = [
  ...['bodies', 'calls', 'classify', 'compound-statement', 'control', 'dialects', 'facts', 'functions', 'lexicon'],
  ...['outline', 'pragmas', 'queries', 'schema-statements', 'set-statement', 'single-facts', 'statements', 'words'],
]

function readerOf(engine) {
  return { mutate: [`src/engines/${engine}/{${reader.join()}}.ts`], tests: [`engines/${engine}/*`] }
}

/**
 * For each room: the files that are broken, a place at a time, and the tests that run then. A test that
 * starts the built program proves nothing here: `dist` is not broken with the source.
 */
export const rooms = {
  core: {
    mutate: ['src/core/*.ts', 'src/core/render/**/*.ts', '!src/core/{codes,event}.ts'],
    tests: ['core/*', 'core/render/*'],
  },
  graph: { mutate: ['src/core/graph/**/*.ts'], tests: ['core/graph/*'] },
  sql: { mutate: ['src/core/sql/**/*.ts'], tests: ['core/sql/*', 'engines/*/*'] },
  postgres: readerOf('postgres'),
  mysql: readerOf('mysql'),
  sqlite: readerOf('sqlite'),
  decisions: {
    mutate: ['src/step/{past,route}.ts', 'src/lock/silence.ts'],
    tests: ['step/{past,route}', 'lock/silence'],
  },
  history: { mutate: ['src/history/**/*.ts'], tests: ['runner/*'] },
  lock: { mutate: ['src/lock/**/*.ts'], tests: ['lock/*', 'runner/*'] },
  step: { mutate: ['src/step/**/*.ts'], tests: ['step/*', 'runner/*'] },
}

/** Whether tests of a room ask databases. */
export function needsServers(name) {
  return rooms[name].tests.includes('runner/*')
}

/** What Stryker is given for some of the rooms. */
export function optionsFor(names) {
  const chosen = names.map((name) => rooms[name])
  const files = new Set(chosen.flatMap((room) => room.tests))
  // The servers run already: Jest must not start others for each mutant.
  const { transform, moduleNameMapper, extensionsToTreatAsEsm, injectGlobals, testTimeout } = tests
  return {
    mutate: chosen.flatMap((room) => room.mutate),
    jest: {
      projectType: 'custom',
      enableFindRelatedTests: false,
      config: {
        ...{ transform, moduleNameMapper, extensionsToTreatAsEsm, injectGlobals, testTimeout },
        roots: ['<rootDir>/test'],
        // What is large is slow, and finds nothing that the small does not; the others start the built program.
        testPathIgnorePatterns: ['/(large|signals|silent-server)\\.test\\.ts$'],
        testMatch: [...files].map((names) => `<rootDir>/test/${names}.test.ts`),
      },
    },
  }
}

export default {
  ...optionsFor(Object.keys(rooms)),
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // Modules of ECMAScript are never freed: a process that runs the tests again and again grows, and becomes slow.
  maxTestRunnerReuse: 40,
  timeoutMS: 20_000,
  ignorePatterns: ['bench', 'coverage', 'dist.next'],
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'coverage/mutations.html' },
  jsonReporter: { fileName: 'coverage/mutations.json' },
}
