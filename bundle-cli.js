// Builds the command line into one file, dist.next/main.cjs. CommonJS, because Node starts it faster than ES modules; small
// packages are taken in (they stay dependencies, which brings their licences along), large and native ones are not.

import { build } from 'esbuild'

await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist.next/main.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  external: ['better-sqlite3', 'diff', 'knex', 'mysql2', 'oxc-*', 'pg', 'tsx', 'yocto-spinner'],
  define: { 'import.meta.url': 'ownUrl' },
  banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href" },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
})
