// A module of TypeScript that stands alone → JavaScript, without hooks in the process: cheaper than tsx by far, and the
// same to run. Whatever imports (types apart), asks where it stands or has classes is left to tsx, which knows the
// project's tsconfig.

import { type SourceMapPayload, SourceMap } from 'node:module'
import { pathToFileURL } from 'node:url'
import { compileFunction } from 'node:vm'

/** The texts by the URLs of their files: stacks are told in the lines that their authors wrote. */
const texts = new Map<string, string>()

/**
 * The namespace of a module that stands alone; null when tsx must load it. It is evaluated as an ES module under the
 * name of its file: once in a process, and once more for each `copy` that is named.
 */
export async function importAlone(file: string, text: string, copy = ''): Promise<object | null> {
  if (!/\.m?ts$/.test(file) || !/\bexport\b/.test(text)) return null
  const evaluated = evaluator(file, text)
  return evaluated === null ? importStripped(file, text, copy) : evaluated()
}

/**
 * For a module that is JavaScript already and exports one value by default, as configurations do: no types have to be
 * stripped, and no ES module has to be made, which costs as much as the rest of a short run. Null for all others. Without
 * `<`, whatever is TypeScript and no JavaScript is a mistake of syntax in JavaScript, and nothing means something else.
 */
function evaluator(file: string, text: string): (() => Promise<object>) | null {
  const program = text.replace(ownImport, ownImportStandIn)
  const [before = '', value, ...others] = program.split(/^export default /m)
  if (value === undefined || others.length > 0 || /^(async\s+)?function\b/.test(value)) return null
  if (text.includes('<') || /\bexport\b/.test(before + value) || !standsAlone(program)) return null
  try {
    const code = `'use strict'; return (async () => {${before}exported.default = ${value}\n})()`
    const run = compileFunction(code, ['exported'], { filename: file }) as (exported: object) => Promise<void>
    return async () => {
      const exported = {}
      await run(exported)
      return exported
    }
  } catch {
    return null
  }
}

async function importStripped(file: string, text: string, copy: string): Promise<object | null> {
  transform ??= (await import('oxc-transform')).transformSync
  const { code, errors } = transform(file, text, options)
  const program = code.replace(ownImport, ownImportStandIn)
  if (errors.length > 0 || !standsAlone(program)) return null
  const { href } = pathToFileURL(file)
  texts.set(href, text)
  const source = `${program}\n//# sourceURL=${href}`
  const url = `data:text/javascript,${encodeURIComponent(source)}`
  return withOwnLines(() => import(copy === '' ? url : `${url}#${copy}`) as Promise<object>)
}

let transform: typeof import('oxc-transform').transformSync | undefined
const options = { lang: 'ts', sourceType: 'module' } as const

/** In every configuration that `mig init` wrote. It returns its argument. */
const ownImport = /^import \{ defineConfig \} from (["'])knex-mig\1;?$/m
const ownImportStandIn = 'const defineConfig = (config) => config;'
const builtins = /^import .* from "node:[\w/]+";$/gm

/** Words in strings count, too: then tsx loads a module that could have done without. */
function standsAlone(code: string): boolean {
  return !/\b(?:import|require|module|exports|class|__dirname|__filename)\b|\bfrom\s*["']/.test(
    code.replace(builtins, ''),
  )
}

/** Whether the file was imported here. */
export function isAlone(file: string): boolean {
  return texts.has(pathToFileURL(file).href)
}

/** Calls a function of a module that was imported alone: what it throws has its author's lines in its stack. */
export async function withOwnLines<T>(work: () => T): Promise<Awaited<T>> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Error) showOwnLines(thrown)
    throw thrown
  }
}

/** Its stack has the lines of the file from now on, where it had those of the program that was made of it. */
export function showOwnLines(error: Error): void {
  if (!told.has(error)) tellOwnLines(error)
}

const told = new WeakSet<Error>()
/** A place in such a module: by the name of its file, or, where another tool writes the stack, by the URL of its text. */
const place =
  /(?:data:text\/javascript,\S*?sourceURL%3D(file%3A%2F%2F\S+?\.m?ts)|(file:\/\/[^\s()]+\.m?ts)):(\d+):(\d+)/g

function tellOwnLines(error: Error): void {
  told.add(error)
  const stack = error.stack?.replace(
    place,
    (whole, encoded: string | undefined, plain: string | undefined, line: string, column: string) => {
      const href = plain ?? decodeURIComponent(encoded ?? '')
      const entry = mapOf(href)?.findEntry(Number(line) - 1, Number(column) - 1)
      return entry !== undefined && 'originalLine' in entry
        ? `${href}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
        : whole
    },
  )
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true })
}

/** Made when something was thrown, which is rare. */
function mapOf(href: string): SourceMap | null {
  const text = texts.get(href)
  const map = text === undefined ? undefined : transform?.(href, text, { ...options, sourcemap: true }).map
  return map === undefined ? null : new SourceMap(map as unknown as SourceMapPayload)
}
