// Template + revision → a new migration file. Written aside and renamed, so that there is never half a file.

import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { UsageError } from '../core/errors.js'
import type { RevisionId } from '../core/graph/revision.js'
import type { Diagnostic } from '../core/diagnostic.js'
import { reasonOf } from '../core/thrown.js'
import { readOwn } from '../package.js'
import { display } from './texts.js'
import { readHeader, type Header } from './header.js'
import { loadParser } from './parser.js'

/** What a new migration says of itself. */
export interface Draft {
  readonly revision: RevisionId
  readonly message: string
  readonly downRevisions: readonly RevisionId[]
  readonly branchLabels: readonly string[]
  readonly dependsOn: readonly string[]
  /** When it is written, in the project's time zone. */
  readonly stamp: Stamp
}

/** A moment as its parts, each padded: what file names are made of. */
export interface Stamp {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly hour: string
  readonly minute: string
  readonly second: string
}

export type TemplateKind = 'migration' | 'merge' | 'config'

/** The text of a template that comes with mig. */
export function ownTemplate(kind: TemplateKind): string {
  return readOwn(`templates/${kind}.ts.tmpl`)
}

/**
 * A template of the project's own.
 * @throws UsageError `usage.bad-template`
 */
export function readTemplate(root: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(
      'usage.bad-template',
      `The template ${display(root, path)} cannot be read: ${reasonOf(cause)}.`,
      {
        hint: 'Check `template` in mig.config.ts, or leave it out to use the template that comes with mig.',
        cause,
      },
    )
  }
}

/** Twelve hexadecimal digits that no file has yet. */
export function newRevisionId(isTaken: (id: RevisionId) => boolean): RevisionId {
  for (;;) {
    const id = randomBytes(6).toString('hex')
    if (!isTaken(id)) return id
  }
}

/** The text of a new migration: `{{name}}` is replaced, nothing is evaluated. */
export function fillTemplate(template: string, draft: Draft): string {
  const { downRevisions, branchLabels, dependsOn } = draft
  const values: Readonly<Record<string, string>> = {
    comment: commentText(draft.message),
    message: quote(draft.message),
    revision: quote(draft.revision),
    downRevision:
      downRevisions.length === 0
        ? 'null'
        : downRevisions.length === 1
          ? quote(downRevisions[0] ?? '')
          : list(downRevisions),
    options: [
      ...(branchLabels.length > 0 ? [`export const branchLabels = ${list(branchLabels)}\n`] : []),
      ...(dependsOn.length > 0 ? [`export const dependsOn = ${list(dependsOn)}\n`] : []),
    ].join(''),
    date: `${draft.stamp.year}-${draft.stamp.month}-${draft.stamp.day} ${draft.stamp.hour}:${draft.stamp.minute}`,
  }
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  )
}

/**
 * The name of a new file. Placeholders: `{date}` (yyyymmddhhmmss), `{year}` … `{second}`, `{revision}`, `{slug}`.
 * The slug has only `a-z`, `0-9` and `_`, so no message can lead out of the folder.
 */
export function fileName(fileTemplate: string, extension: string, draft: Draft): string {
  const { year, month, day, hour, minute, second } = draft.stamp
  const parts: Readonly<Record<string, string>> = {
    ...draft.stamp,
    date: `${year}${month}${day}${hour}${minute}${second}`,
    revision: draft.revision,
    slug: slug(draft.message),
  }
  const name = fileTemplate.replace(/\{(\w+)\}/g, (whole, key: string) =>
    Object.hasOwn(parts, key) ? (parts[key] ?? whole) : whole,
  )
  // A name that begins with “_” or “.” would be no migration.
  return notOfDevice(`${name.replace(/^[._]+|_+$/g, '')}${extension}`)
}

/** Windows opens a device by such a name, whatever follows its first full stop. */
function notOfDevice(name: string): string {
  return name.replace(/^(con|prn|aux|nul|com[1-9]|lpt[1-9])(?=\.)/i, '$1_')
}

/** `template.ts.tmpl` → `.ts` */
export function extensionOf(templatePath: string): string {
  const bare = templatePath.replace(/\.tmpl$/, '')
  return /^\.[cm]?[jt]s$/.test(extname(bare)) ? extname(bare) : '.ts'
}

/** Lower-case letters, digits and `_`; at most 60 characters; empty when nothing is left of the text. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 60)
    .replace(/^_+|_+$/g, '')
}

/**
 * The header of a text that is about to be written as a migration: what is written must be what was meant.
 * @throws UsageError `usage.bad-template`
 */
export async function assertWritable(path: string, text: string, draft: Draft): Promise<void> {
  const { header, diagnostics } = readHeader(await loadParser(), path, text)
  if (header !== null && sameIdentity(header, draft)) return
  const [first] = diagnostics as readonly (Diagnostic | undefined)[]
  throw new UsageError(
    'usage.bad-template',
    `The template does not produce a migration: ${first?.message ?? 'its header is not what was asked for'}`,
    {
      hint: 'A template has {{revision}}, {{downRevision}}, {{options}} and {{comment}}, each without quotes around it.',
      detail: first?.detail,
    },
  )
}

/**
 * Writes several new files into `folder`; when one of them, or of `alsoTaken`, is there already, none is written.
 * @throws UsageError `usage.file-exists`, `usage.write-failed`
 */
export function writeAllNew(
  folder: string,
  files: readonly { readonly name: string; readonly text: string }[],
  alsoTaken: readonly string[],
): void {
  const taken = [...files.map(({ name }) => name), ...alsoTaken].filter((name) => existsSync(join(folder, name)))
  if (taken.length > 0) {
    throw new UsageError(
      'usage.file-exists',
      `${taken.join(' and ')} ${taken.length === 1 ? 'is' : 'are'} there already; nothing was written.`,
      {
        hint: 'Is this project set up already? Then write a migration: mig generate -m "..."',
      },
    )
  }
  for (const { name, text } of files) writeNew(folder, join(folder, name), text)
}

/**
 * Writes a new file, whole or not at all, and never over another.
 * @throws UsageError `usage.file-exists`, `usage.write-failed`
 */
export function writeNew(root: string, path: string, text: string): void {
  const aside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(aside, text, { flag: 'wx' })
    linkSync(aside, path)
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    const hasNoLinks = syscall === 'link' && (code === 'EPERM' || code === 'ENOTSUP')
    if (syscall === 'link' && (code === 'EEXIST' || existsSync(path))) throw fileExists(root, path, cause)
    if (!hasNoLinks) throw writeFailed(root, path, cause)
    renameSync(aside, path)
  } finally {
    removeIfThere(aside)
  }
}

/** What could not be written is reported already; that there is nothing to remove adds nothing to it. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    return
  }
}

function fileExists(root: string, path: string, cause: unknown): UsageError {
  return new UsageError('usage.file-exists', `${display(root, path)} is already there; nothing was written.`, {
    hint: 'Move it away, or choose another name.',
    cause,
  })
}

function writeFailed(root: string, path: string, cause: unknown): UsageError {
  return new UsageError(
    'usage.write-failed',
    `${display(root, path)} could not be written: ${reasonOf(cause)}. No half file was left.`,
    {
      hint: 'Make room or grant the right, and run the command again.',
      cause,
    },
  )
}

function sameIdentity(header: Header, draft: Draft): boolean {
  return (
    header.revision === draft.revision &&
    header.downRevisions.join() === draft.downRevisions.join() &&
    header.branchLabels.join() === draft.branchLabels.join() &&
    header.dependsOn.join() === draft.dependsOn.join()
  )
}

/** A message as the inside of a doc comment: it cannot end the comment, and is read back as it was. */
function commentText(message: string): string {
  const lines = message
    .replaceAll('*/', '*\\/')
    .replace(/^(\s*)(\\*@)/gm, '$1\\$2')
    .split(/\r\n|[\r\n\u2028\u2029]/)
  return lines.length === 1 ? ` ${lines[0]} ` : `\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n `
}

/** A text as a single-quoted literal that no content can leave. */
function quote(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

function list(items: readonly string[]): string {
  return `[${items.map(quote).join(', ')}]`
}
