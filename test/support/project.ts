// A user's project in a temporary folder, where the built program can be run.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { afterAll } from '@jest/globals'

import {
  programPath,
  repository,
  startProgram,
  type ProgramOptions,
  type ProgramResult,
  type RunningProgram,
} from './program.js'
import { readRunReport } from './servers/report.js'

export type { ProgramOptions, ProgramResult, RunningProgram } from './program.js'

export interface ProjectOptions {
  /** Of package.json; 'module' if not given. */
  type?: 'module' | 'commonjs'
  /** Path in the project → text. */
  files?: Readonly<Record<string, string>>
  /** The last part of the project's path, for names with blanks and the like. */
  folderName?: string
}

export interface Project {
  readonly folder: string
  path(...parts: string[]): string
  write(path: string, text: string): void
  read(path: string): string
  /** Runs `mig` with these arguments in the project's folder, to its end. */
  run(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
  /** The same, without waiting for the end. */
  start(args: readonly string[], options?: ProgramOptions): RunningProgram
  /** Kills what still runs and removes the folder; done after the last test of the file at the latest. */
  remove(): Promise<void>
}

const packages = ['knex', 'pg', 'mysql2', 'better-sqlite3', 'typescript', '@types']
const created: Project[] = []

export function createProject(options: ProjectOptions = {}): Project {
  const { type = 'module', files = {}, folderName = 'project' } = options
  const parent = mkdtempSync(join(readRunReport().folder, 'project-'))
  const folder = join(parent, folderName)
  const project = openProject(folder, parent)
  project.write('package.json', `${JSON.stringify({ name: 'a-project', private: true, type }, undefined, 2)}\n`)
  linkPackages(folder)
  for (const [path, text] of Object.entries(files)) project.write(path, text)
  created.push(project)
  return project
}

afterAll(async () => {
  await Promise.all(created.map((project) => project.remove()))
})

function openProject(folder: string, parent: string): Project {
  const running: RunningProgram[] = []
  return {
    folder,
    path: (...parts) => join(folder, ...parts),
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    },
    start(args, options) {
      const program = startProgram(args, folder, options)
      running.push(program)
      return program
    },
    run(args, options) {
      return this.start(args, options).exit
    },
    async remove() {
      for (const program of running) program.kill('SIGKILL')
      await Promise.allSettled(running.map((program) => program.exit))
      rmSync(parent, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

/** As after `npm install knex-mig` and the rest of what a project has. */
function linkPackages(folder: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  for (const name of packages) symlinkSync(join(repository, 'node_modules', name), join(modules, name))
  symlinkSync(repository, join(modules, 'knex-mig'))
  symlinkSync(programPath, join(modules, '.bin', 'mig'))
}
