// Builds what runs into dist.next/: the library as ES modules, and the command line as one file of CommonJS, because Node
// starts that faster. Into the command line small packages are taken (they stay dependencies, which brings their licences
// along); large and native ones are not.

import { build } from 'esbuild'

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
}

await build({
  ...shared,
  entryPoints: ['src/index.ts', 'src/guard.ts'],
  outdir: 'dist.next',
  format: 'esm',
  splitting: true,
  packages: 'external',
})

await build({
  ...shared,
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist.next/main.cjs',
  format: 'cjs',
  external: ['better-sqlite3', 'diff', 'knex', 'mysql2', 'oxc-*', 'pg', 'tsx', 'yocto-spinner'],
  define: { 'import.meta.url': 'ownUrl' },
  banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href" },
  minifySyntax: true,
  minifyWhitespace: true,
})
