// A user's project, as it lies on the disk: in a folder below bench/, so that Node finds the packages on its way up.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { benchFolder } from './packages.js'

/** Everything that a run writes but its results; empty before and after. */
export const workFolder = join(benchFolder, '.work')

export interface Project {
  readonly folder: string
  path(...parts: string[]): string
  write(path: string, text: string): void
  writeJson(path: string, value: unknown): void
}

export function createProject(name: string): Project {
  const folder = join(workFolder, 'projects', name)
  const path = (...parts: string[]) => join(folder, ...parts)
  function write(to: string, text: string): void {
    mkdirSync(dirname(path(to)), { recursive: true })
    writeFileSync(path(to), text)
  }
  return { folder, path, write, writeJson: (to, value) => write(to, `${JSON.stringify(value, undefined, 2)}\n`) }
}

/** The two files that every TypeScript project has. */
export function writeProjectFiles(project: Project, type: 'module' | 'commonjs'): void {
  project.writeJson('package.json', { name: 'a-project', private: true, type })
  project.writeJson('tsconfig.json', {
    compilerOptions: { target: 'ES2022', module: 'NodeNext', strict: true, skipLibCheck: true },
  })
}

export function clearWork(): void {
  rmSync(workFolder, { recursive: true, force: true, maxRetries: 10 })
}
