// The terminal: what it can show, and where text goes.

import type { Writable } from 'node:stream'
import pc from 'picocolors'
import { plainStyle, type Style } from '../core/render/style.js'
import { escapeControls, maskSecrets } from '../core/secrets.js'

export interface Terminal {
  readonly style: Style
  /** Whether somebody watches: a spinner may move. */
  readonly isInteractive: boolean
  /** To standard output, as it is. */
  readonly write: (text: string) => void
  /** A line or more, to standard output. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export interface Streams {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
}

export function openTerminal({ stdout, stderr }: Streams, env: NodeJS.ProcessEnv, colors: boolean): Terminal {
  const isTTY = stdout.isTTY === true && env.TERM !== 'dumb'
  const hasColors = colors && !env.NO_COLOR && (isTTY || isSet(env.FORCE_COLOR))
  const painted = pc.createColors(hasColors)
  const { bold, dim, red, green, yellow, cyan } = painted
  const write = stdout.write.bind(stdout)
  const unicode = showsUnicode(env)
  const plain = isSet(env.GITHUB_ACTIONS) ? withoutCommands : (text: string) => text
  const shown = (text: string) => plain(unicode ? text : inAscii(text))
  // A reader that went away (`mig history | head`) must not end a run.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
  return {
    style: {
      ...plainStyle,
      bold,
      dim,
      red,
      green,
      yellow,
      cyan,
      width: isTTY ? (stdout.columns ?? 80) - (unicode ? 0 : widestStandIn) : Infinity,
      unicode,
    },
    isInteractive: isTTY && !isSet(env.CI),
    write: (text) => void write(text),
    out: (text) => void write(`${shown(text)}\n`),
    err: (text) => void stderr.write(`${shown(text)}\n`),
  }
}

/**
 * From now on whatever else is written to standard output (by a migration, by a package that the configuration loads)
 * goes to standard error. Returns what takes that back.
 */
export function divertOutput({ stdout, stderr }: Streams): () => void {
  const own = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  return () => void (stdout.write = own)
}

const standIns: Readonly<Record<string, string>> = { '“': '"', '”': '"', '’': "'", '…': '...', '→': '->', '›': '>' }
/** More columns than the sign that it stands for. */
const widestStandIn = 2

/** The signs that mig itself writes, for terminals that cannot show them. */
function inAscii(text: string): string {
  return text.replace(/[“”’…→›]/g, (sign) => standIns[sign] ?? sign)
}

/**
 * A GitHub workflow takes lines that begin with `::` or `##[` for commands (GitHub manual, "Workflow commands"); what a
 * database or a migration says must not be one.
 */
function withoutCommands(text: string): string {
  return text.replace(/^(\s*)(::|##\[)/gm, (_, indent: string, sign: string) => `${indent}${sign.split('').join(' ')}`)
}

/** Text that came from elsewhere (files, databases, users), safe to show. */
export function safe(text: string): string {
  return escapeControls(maskSecrets(text))
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}

/** By the locale, as the C library decides it; Windows terminals of today can. */
function showsUnicode(env: NodeJS.ProcessEnv): boolean {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return false
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  return locale === undefined || locale === ''
    ? process.platform === 'win32' || process.platform === 'darwin'
    : /utf-?8/i.test(locale)
}
