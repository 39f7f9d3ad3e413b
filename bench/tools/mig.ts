// mig, as a project has it: packed, installed, and set up by `mig init`.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { stamp, type Link } from '../chain.js'
import { repository } from '../packages.js'
import { nodeCommand, runToEnd } from '../process.js'
import { workFolder, writeProjectFiles, type Project } from '../project.js'
import { functions } from './knex.js'
import type { Tool, Verb } from './tool.js'

export const mig: Tool = {
  name: 'mig',
  label: 'mig',
  engines: ['sqlite', 'postgres'],
  missing: () => (existsSync(join(repository, 'dist', 'index.js')) ? null : 'mig is not built: npm run build'),
  version: () => `${manifest().version}${commit()}`,
  write(project, chain) {
    writeProjectFiles(project, 'module')
    install(project)
    const init = runToEnd(nodeCommand([program(project), 'init']), project.folder, 60_000)
    if (init.problem !== null) throw new Error(`mig init: ${init.problem}`)
    for (const link of chain)
      project.write(`migrations/${stamp(link)}_${link.revision}_${link.slug}.ts`, migration(link))
  },
  command: (verb, project, database) =>
    nodeCommand([program(project), ...argumentsOf[verb]], database === null ? {} : { DATABASE_URL: database.url }),
}

/** As most of the others apply: all migrations in one transaction. */
export const migAtOnce: Tool = {
  ...mig,
  name: 'mig-at-once',
  label: 'mig --transaction all',
  command: (verb, project, database) =>
    verb === 'apply' && database !== null
      ? nodeCommand([program(project), ...argumentsOf.apply, '--transaction', 'all'], { DATABASE_URL: database.url })
      : null,
}

const argumentsOf: Readonly<Record<Verb, readonly string[]>> = {
  version: ['--version'],
  help: ['--help'],
  'command-help': ['upgrade', '--help'],
  status: ['current'],
  'no-op': ['upgrade', 'head'],
  apply: ['upgrade', 'head'],
  revert: ['downgrade', '-1'],
}

function program(project: Project): string {
  return project.path('node_modules', 'knex-mig', 'bin', 'mig.cjs')
}

/** The package is a copy of what would be published. What it depends on is linked: those packages are already here. */
function install(project: Project): void {
  const modules = project.path('node_modules')
  mkdirSync(join(modules, 'knex-mig'), { recursive: true })
  run('tar', ['-xzf', packed(), '--strip-components=1', '-C', join(modules, 'knex-mig')])
  const { dependencies, peerDependencies } = manifest()
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(modules, name))
  }
}

/** Packed once for a run of the benchmark. */
function packed(): string {
  const folder = join(workFolder, 'package')
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true })
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder])
  }
  const [file = ''] = readdirSync(folder)
  return join(folder, file)
}

function manifest(): { version: string; dependencies: object; peerDependencies: object } {
  return JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as ReturnType<typeof manifest>
}

/** What makes the package: results that were written meanwhile change nothing. */
const sources = ['src', 'bin', 'templates', 'bundle.js', 'package.json', 'package-lock.json']

/** Which state of the sources it is; nothing where there is no git. */
function commit(): string {
  const head = git('rev-parse', '--short', 'HEAD')
  if (head === null) return ''
  return ` (${head}${git('status', '--porcelain', '--', ...sources) === '' ? '' : '-dirty'})`
}

function git(...args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: repository, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: repository, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
}

function migration(link: Link): string {
  const { revision, parent, slug } = link
  return `/** ${slug.replaceAll('_', ' ')} */
import type { Knex } from 'knex'

export const revision = '${revision}'
export const downRevision = ${parent === null ? 'null' : `'${parent}'`}

${functions(link)}`
}
