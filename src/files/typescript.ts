// A module of TypeScript that stands alone → JavaScript, without hooks in the process: cheaper than tsx by far, and the
// same to run. Whatever imports (types apart), asks where it stands or has classes is left to tsx, which knows the
// project's tsconfig.

import { type SourceMapPayload, SourceMap } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Where the lines of a file went, by its URL: stacks are told in the lines that its author wrote. */
const maps = new Map<string, SourceMap>()

/**
 * The namespace of a module that stands alone; null when tsx must load it. It is evaluated as an ES module under the
 * name of its file.
 */
export async function importAlone(file: string, text: string): Promise<object | null> {
  if (!/\.m?ts$/.test(file) || !/\bexport\b/.test(text)) return null
  const { transformSync } = await import('oxc-transform')
  const { code, map, errors } = transformSync(file, text, { lang: 'ts', sourceType: 'module', sourcemap: true })
  const program = code.replace(ownImport, 'const defineConfig = (config) => config;')
  if (errors.length > 0 || map === undefined || !standsAlone(program)) return null
  const { href } = pathToFileURL(file)
  maps.set(href, new SourceMap(map as unknown as SourceMapPayload))
  const source = `${program}\n//# sourceURL=${href}`
  return withOwnLines(() => import(`data:text/javascript,${encodeURIComponent(source)}`) as Promise<object>)
}

/** In every configuration that `mig init` wrote. It returns its argument. */
const ownImport = /^import \{ defineConfig \} from "knex-mig";$/m
const builtins = /^import .* from "node:[\w/]+";$/gm

/** Words in strings count, too: then tsx loads a module that could have done without. */
function standsAlone(code: string): boolean {
  return !/\b(?:import|require|module|exports|class|from\s*["']|__dirname|__filename)\b/.test(
    code.replace(builtins, ''),
  )
}

/** Whether the file was imported here. */
export function isAlone(file: string): boolean {
  return maps.has(pathToFileURL(file).href)
}

/** Calls a function of a module that was imported alone: what it throws has its author's lines in its stack. */
export async function withOwnLines<T>(work: () => T): Promise<Awaited<T>> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Error && !told.has(thrown)) tellOwnLines(thrown)
    throw thrown
  }
}

const told = new WeakSet<Error>()
const place = /(file:\/\/[^\s()]+\.m?ts):(\d+):(\d+)/g

function tellOwnLines(error: Error): void {
  told.add(error)
  const stack = error.stack?.replace(place, (whole, href: string, line: string, column: string) => {
    const entry = maps.get(href)?.findEntry(Number(line) - 1, Number(column) - 1)
    return entry !== undefined && 'originalLine' in entry
      ? `${href}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      : whole
  })
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true })
}
