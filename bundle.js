// Builds what runs into dist.next/: the library as ES modules, and the command line as CommonJS, because Node starts that
// faster. Into the command line small packages are taken (they stay dependencies, which brings their licences along); large
// and native ones are not.

import { writeFile } from 'node:fs/promises'

import { build, transform } from 'esbuild'

const shared = {
  bundle: true,
  format: 'esm',
  splitting: true, // what is imported on demand is in files of its own
  outdir: 'dist.next',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
}

await build({ ...shared, entryPoints: ['src/index.ts', 'src/guard.ts'], packages: 'external' })

const { outputFiles } = await build({
  ...shared,
  entryPoints: ['src/cli/main.ts'],
  outExtension: { '.js': '.cjs' },
  external: ['better-sqlite3', 'diff', 'knex', 'mysql2', 'oxc-*', 'pg', 'tsx', 'yocto-spinner'],
  define: { 'import.meta.url': 'ownUrl' },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'inline',
  write: false,
})
await Promise.all(outputFiles.map(writeAsCommonJs))

/** esbuild splits only ES modules: each becomes one of CommonJS afterwards. */
async function writeAsCommonJs({ path, text }) {
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: shared.target,
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: path,
    minifyWhitespace: true,
    banner: text.includes('ownUrl') ? "const ownUrl = require('node:url').pathToFileURL(__filename).href" : '',
  })
  // Node's loader of ES modules takes its time, and these files need none of it.
  const required = code.replace(/\bimport\(("\.\/[\w-]+\.cjs")\)/g, 'Promise.resolve().then(() => require($1))')
  const name = path.slice(path.lastIndexOf('/') + 1)
  await Promise.all([writeFile(path, `${required}//# sourceMappingURL=${name}.map\n`), writeFile(`${path}.map`, map)])
}
