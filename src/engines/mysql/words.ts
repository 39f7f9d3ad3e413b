// MySQL and MariaDB: the statements of a text as words, for rules that compare them.

import { type Token, tokensOf } from '../../core/sql/pieces.js'
import { type Dialect, lexiconOf } from './lexicon.js'

/** Keywords in lower case and signs as they are; a quoted name begins with a backquote, and a literal is `'`. */
export type Words = readonly string[]

export interface Sentence {
  readonly words: Words
  /** False when it is so long that its end was left out. */
  readonly isWhole: boolean
}

/**
 * Visits the statements of a text, as one dialect reads it. Answers whether no quote or parenthesis was left open, and no
 * backslash stood alone: else the server reads the text in another way, or refuses it. With `onlySound` nothing more is
 * read once it is not.
 */
export function readSentences(
  sql: string,
  dialect: Dialect,
  { onlySound }: { readonly onlySound: boolean },
  visit: (sentence: Sentence) => void,
): boolean {
  const { pieces, bodies } = lexiconOf(dialect)
  let sentence = newSentence()
  let follow = bodies()
  let inBody = false
  let isSound = true
  for (const token of tokensOf(sql, pieces)) {
    if (inBody || token.text !== ';' || token.kind !== 'sign') {
      inBody = follow(token)
      isSound = sentence.add(token) && isSound
    } else {
      isSound = sentence.end(visit) && isSound
      sentence = newSentence()
      follow = bodies()
    }
    if (onlySound && !isSound) return false
  }
  return sentence.end(visit) && isSound
}

/** So many words are kept: what follows is data. */
const mostWords = 65_536

interface GrowingSentence {
  /** Answers whether it is sound so far. */
  add(token: Token): boolean
  /** Visited unless it is empty. Answers whether nothing was left open. */
  end(visit: (sentence: Sentence) => void): boolean
}

function newSentence(): GrowingSentence {
  const words: string[] = []
  let depth = 0
  let isWhole = true
  let afterBackslash = false
  return {
    add(token) {
      const word = wordOf(token)
      if (word === '(') depth++
      else if (word === ')') depth--
      const isSound = depth >= 0 && !isUnclosed(token) && (!afterBackslash || word === 'n')
      afterBackslash = word === '\\'
      // A list of literals is as good as one.
      if (word === literal && depth > 0 && words.at(-1) === ',' && words.at(-2) === literal) words.pop()
      else if (words.length < mostWords) words.push(word)
      else isWhole = false
      return isSound
    },
    end(visit) {
      if (words.length > 0) visit({ words, isWhole })
      return depth === 0 && !afterBackslash
    },
  }
}

const literal = `'`

function wordOf({ kind, text }: Token): string {
  if (kind === 'literal') return literal
  if (kind === 'name') return `\`${text}`
  return kind === 'word' ? text.toLowerCase() : text
}

/** A sign that is a quote goes to the end of the text. */
function isUnclosed({ kind, text }: Token): boolean {
  return kind === 'sign' && `'"\``.includes(text.charAt(0))
}

/** Whether these words, with one space between any two, are there from a place on. */
export function isAt(words: Words, at: number, wanted: string): boolean {
  return wanted.split(' ').every((word, index) => words[at + index] === word)
}

/** Cut at the commas that stand in no parentheses. */
export function listOf(words: Words): readonly Words[] {
  const parts: string[][] = [[]]
  let depth = 0
  for (const word of words) {
    if (word === '(') depth++
    else if (word === ')') depth--
    if (depth === 0 && word === ',') parts.push([])
    else (parts.at(-1) as string[]).push(word)
  }
  return parts
}

/** Where one of these words first stands in no parentheses; -1 when it does not. */
export function indexOutside(words: Words, from: number, wanted: readonly string[]): number {
  let depth = 0
  for (let at = from; at < words.length; at++) {
    const word = words[at] as string
    if (word === '(') depth++
    else if (word === ')') depth--
    else if (depth === 0 && wanted.includes(word)) return at
  }
  return -1
}
