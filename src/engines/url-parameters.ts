// Parameters of a database URL → settings of a driver. Each is honoured or refused: none is dropped in silence.

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { UsageError } from '../core/errors.js'
import { nearest } from '../core/nearest.js'
import { badUrl } from './url.js'

export type Parameters = Readonly<Record<string, string>>
export type Settings = Readonly<Record<string, unknown>>

/** What a value means for the driver. Throws UsageError `config.bad-url` when that cannot be done. */
export type Rule = (value: string, name: string) => Settings

/** What `rules` make of the parameters. @throws UsageError `config.bad-url` for one that has no rule, or whose rule refuses it */
export function settingsFrom(parameters: Parameters, rules: Readonly<Record<string, Rule>>): Settings {
  const names = Object.keys(parameters)
  const parts = names.map((name) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) throw unknownParameter(name, names, Object.keys(rules))
    return rule(parameters[name] as string, name)
  })
  return Object.assign({}, ...parts) as Settings
}

/** Handed to the driver as it is written. */
export function asText(key: string): Rule {
  return (value) => ({ [key]: value })
}

/** What a timer of Node takes at most; some 25 days. */
const longestMs = 2 ** 31 - 1

/** A number that is not negative, multiplied for the driver's unit. */
export function asNumber(key: string, factor = 1): Rule {
  return (value, name) => {
    if (!/^\d{1,10}$/.test(value)) throw refusedValue(name, value, 'a number')
    return { [key]: Math.min(Number(value) * factor, longestMs) }
  }
}

export function asBoolean(key: string): Rule {
  return (value, name) => {
    const answer = booleanIn(value)
    if (answer === null) throw refusedValue(name, value, 'true or false')
    return { [key]: answer }
  }
}

/** Whatever it says is so: it is about something that mig does not have. */
export const isSoAnyway: Rule = () => ({})

/** Yes or no in the spellings of URLs; null when it is neither. */
export function booleanIn(value: string): boolean | null {
  if (/^(1|true|on|yes)$/i.test(value)) return true
  return /^(0|false|off|no)$/i.test(value) ? false : null
}

/** Only these values can be honoured, and they need nothing. */
export function only(values: readonly string[], why: string): Rule {
  return (value, name) => {
    if (!values.includes(value.toLowerCase())) throw refused(name, why, `Leave it out, or write: ${values.join(', ')}.`)
    return {}
  }
}

/** Cannot be honoured. `way`: what does the same. */
export function never(why: string, way: string): Rule {
  return (_value, name) => {
    throw refused(name, why, way)
  }
}

export function refused(name: string, why: string, way: string): UsageError {
  return badUrl(`the parameter ${name} cannot be honoured: ${why}`, way)
}

export function refusedValue(name: string, value: string, known: string): UsageError {
  const shown = /^[\w.+-]{0,40}$/.test(value) ? `${name}=${value}` : `the value of ${name}`
  return badUrl(`${shown} is none that mig knows`, `${name} can be ${known}.`)
}

/** A password with a bare `&` looks like one more parameter: beside a password in the parameters none is named that is not known. */
function unknownParameter(name: string, names: readonly string[], known: readonly string[]): UsageError {
  const isSafe = /^[\w.-]{1,64}$/.test(name) && !names.some((other) => /passw|secret|token/i.test(other))
  const shown = isSafe ? name : `number ${names.indexOf(name) + 1} after the “?”`
  const [near] = isSafe ? nearest(name, known) : []
  return badUrl(
    `neither the server's own clients nor its driver know the parameter ${shown}`,
    near === undefined ? 'Leave it out; nothing is passed over in silence.' : `Is ${near} meant?`,
  )
}

/** The text of a file that a parameter names; relative names start at `root`. @throws UsageError `config.bad-url` */
export function readNamed(name: string, path: string, root: string): string {
  try {
    return readFileSync(path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(root, path), 'utf8')
  } catch (error) {
    throw badUrl(
      `the file of ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}): ${path}`,
      `Let ${name} name a file that is there.`,
    )
  }
}
