// Imports modules of a project: TypeScript, ES modules and CommonJS. The one place that knows tsx.

import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { nearestAbove } from './nearest-above.js'
import { importAlone } from './typescript.js'

/**
 * Imports a module by its absolute path and its text; the result is the module's namespace. `edition` names a text other
 * than the one that this process has loaded before: the module is loaded anew.
 */
export type ImportModule = (file: string, text: string, edition?: string) => Promise<object>

export interface Importer {
  readonly importModule: ImportModule
}

export interface Loader extends Importer {
  /** A new copy of a module that was loaded, and of `local`, the local modules that it imports. */
  readonly copyModule: Copier['copy']
  /** Takes the TypeScript hooks out of the process again. */
  close(): Promise<void>
}

/** A loader for the modules of the project at `root`: TypeScript with the project's tsconfig, ES modules and CommonJS. */
export function createLoader(root: string): Loader {
  let hooks: Promise<() => Promise<void>> | undefined
  const copier = createCopier(root)
  return {
    copyModule: copier.copy,
    async importModule(file, text, edition) {
      const alone = await importAlone(file, text)
      if (alone !== null) return alone
      if (/\.[cm]?ts$/.test(file)) await (hooks ??= registerTypeScript(root))
      const { href } = pathToFileURL(file)
      if (edition === undefined) return (await import(href)) as object
      // Node keeps modules by their URL, and those of CommonJS by their path.
      Reflect.deleteProperty(createRequire(import.meta.url).cache, file)
      return (await import(`${href}?edition=${edition}`)) as object
    },
    async close() {
      copier.close()
      await (
        await hooks
      )?.()
    },
  }
}

/** Hooks for `import` and `require`, with the tsconfig (path aliases) that lies nearest above `root`. */
async function registerTypeScript(root: string): Promise<() => Promise<void>> {
  const tsconfig = nearestAbove(root, 'tsconfig.json')
  const before = process.env.TSX_TSCONFIG_PATH
  if (tsconfig !== null && before === undefined) process.env.TSX_TSCONFIG_PATH = tsconfig
  try {
    const [cjs, esm] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')])
    const leaveRequire = cjs.register()
    const leaveImport = esm.register(tsconfig === null ? {} : { tsconfig })
    return async () => {
      leaveRequire()
      await leaveImport()
    }
  } finally {
    if (before === undefined) delete process.env.TSX_TSCONFIG_PATH
  }
}

interface Copier {
  /** The namespace of a new copy of the module; of `local`, its local modules by absolute path, there are new ones, too. */
  readonly copy: (file: string, text: string, local: Iterable<string>) => Promise<object>
  /** Gives the rest of the process back the modules that it had. */
  close(): void
}

/**
 * Node keeps ES modules by their URL and CommonJS by path. tsx gives the former a name space of their own, imports
 * included; of the latter whatever is in Node's cache is used again, and must be taken out (tried on Node 20, 22 and 24).
 */
function createCopier(root: string): Copier {
  const { cache } = createRequire(import.meta.url)
  const kept = new Map<string, NodeJS.Module>()
  /** Which of them were there: modules of CommonJS. */
  const takeOut = (paths: ReadonlySet<string>): ReadonlySet<string> => {
    const taken = new Set<string>()
    for (const [key, loaded] of Object.entries(cache)) {
      const [path = '', copy] = key.split('?') // tsx names its copies so
      if (loaded === undefined || !paths.has(path)) continue
      if (copy === undefined && !kept.has(key)) kept.set(key, loaded)
      Reflect.deleteProperty(cache, key)
      taken.add(path)
    }
    return taken
  }
  return {
    async copy(file, text, local) {
      const alone = await importAlone(file, text, randomUUID())
      if (alone !== null) return alone
      const { href } = pathToFileURL(file)
      // In a name space of tsx such a module has a data URL, from which its own `import()` finds no package.
      if (takeOut(new Set([file, ...local])).has(file)) return (await import(`${href}?copy=${randomUUID()}`)) as object
      const { tsImport } = await import('tsx/esm/api')
      const tsconfig = nearestAbove(root, 'tsconfig.json')
      return (await tsImport(href, { parentURL: href, ...(tsconfig !== null && { tsconfig }) })) as object
    },
    close() {
      for (const [path, loaded] of kept) cache[path] = loaded
      kept.clear()
    },
  }
}
