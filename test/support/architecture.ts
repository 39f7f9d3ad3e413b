// The rules of the house as pure functions over source files; test/architecture.test.ts has the table they hold files to.

import { posix } from 'node:path'

import type { Import, SourceFile } from './source-file.js'

/** What may stand in one room. A `*` at the end of a name stands for anything. */
export interface Room {
  /** Which files stand here, below src/. The first room that matches is the file's own. */
  readonly files: RegExp
  /** Rooms whose files may be imported. A room may always import itself, unless it is `neighbourly: false`. */
  readonly rooms: readonly string[]
  /** Rooms of which only types may be imported. */
  readonly typesOf?: readonly string[]
  /** Packages and node built-ins that may be named. */
  readonly packages: readonly string[]
  /** Packages of which only types may be named. */
  readonly typesOfPackages?: readonly string[]
  /** May import what it computes when the program runs. */
  readonly computes?: boolean
  /** False where the files are neighbours who must not know each other. */
  readonly neighbourly?: boolean
  /** Globals that must not be used: `process.*`, `new Date()`. */
  readonly mustNotUse: readonly string[]
}

/** Name → room, the most special first. */
export type House = Readonly<Record<string, Room>>

export function roomOf(house: House, path: string): string | undefined {
  return Object.keys(house).find((name) => house[name]?.files.test(path))
}

/** Files that stand nowhere, arrows that the house does not have, packages and globals that a room must not touch. */
export function housekeeping(house: House, file: SourceFile): string[] {
  const name = roomOf(house, file.path)
  const room = name === undefined ? undefined : house[name]
  if (name === undefined || !room) return [`${file.path} stands in no room`]
  return [
    ...file.imports.flatMap((imported) => remarksOnImport(house, name, room, file.path, imported)),
    ...file.uses.filter((use) => isListed(room.mustNotUse, use)).map((use) => `${file.path} uses ${use}`),
  ]
}

function remarksOnImport(house: House, name: string, room: Room, path: string, imported: Import): string[] {
  const { specifier, isType } = imported
  if (specifier === undefined) return room.computes ? [] : [`${path} imports what it computes`]
  const target = targetOf(path, specifier)
  if (target === undefined) {
    const packageName = packageOf(specifier)
    const allowed = [...room.packages, ...(isType ? (room.typesOfPackages ?? []) : [])]
    return isListed(allowed, packageName)
      ? []
      : [`${path} names the package ${packageName}${isType ? ' (a type)' : ''}`]
  }
  const targetRoom = roomOf(house, target)
  if (targetRoom === undefined) return [`${path} imports ${target}, which stands in no room`]
  if (targetRoom === name && target !== path && room.neighbourly !== false) return []
  const allowed = [...room.rooms, ...(isType ? (room.typesOf ?? []) : [])]
  return allowed.includes(targetRoom) ? [] : [`${path} (${name}) imports ${target} (${targetRoom})`]
}

/** The file that a relative import means; undefined for a package. */
export function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function isListed(list: readonly string[], name: string): boolean {
  return list.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry))
}

/** Import circles, type imports included, each once: `a.ts > b.ts > a.ts`. */
export function circles(files: readonly SourceFile[]): string[] {
  const arrows = new Map(files.map((file) => [file.path, targetsOf(file)]))
  const finished = new Set<string>()
  const found: string[] = []
  for (const { path } of files) walk(path, [])
  return found

  function walk(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path)
    if (start >= 0) found.push([...trail.slice(start), path].join(' > '))
    if (start >= 0 || finished.has(path)) return
    for (const target of arrows.get(path) ?? []) walk(target, [...trail, path])
    finished.add(path)
  }
}

function targetsOf(file: SourceFile): string[] {
  const targets = file.imports.map(({ specifier }) => specifier && targetOf(file.path, specifier))
  return [...new Set(targets.filter((target) => target !== undefined))]
}

/** What a file writes into the state of a step, or into the fence, that is another file's to change. */
export function strayWrites({ path, text }: Pick<SourceFile, 'path' | 'text'>): string[] {
  if (path === 'history/fence.ts') return []
  const writes = text.matchAll(/\b(?:trace|fence)\.[\w.]+\s*(?:=(?![=>])|\+\+|--|(?:[-+]|\|\||&&|\?\?)=)/g)
  return [...writes].map(([write]) => `${path}: ${write}`)
}

const emptyNames = /^(utils?|helpers?|common|types|misc|shared)(\.|$)/i

/** A name that says nothing, and a file that does not say what it is. */
export function manners({ path, text }: Pick<SourceFile, 'path' | 'text'>): string[] {
  const remarks = path
    .split('/')
    .filter((part) => emptyNames.test(part))
    .map((part) => `${path}: ${part} names nothing`)
  return /^\/\/ \S/.test(text) ? remarks : [...remarks, `${path} does not begin with a comment that says what it is`]
}
