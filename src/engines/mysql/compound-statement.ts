// MySQL and MariaDB: follows a compound statement word by word, and knows whether it is still open. `end`, `if`, `begin` and
// their like are keywords only where a statement can begin: elsewhere they are functions and columns.

export interface Compound {
  /** A statement begins with the next word. */
  start(): void
  /** Declarations begin, then `begin`: the bodies of Oracle mode. */
  startUnit(): void
  startPackage(): void
  /** The next word in lower case, or sign; `'` for whatever else. */
  follow(word: string): void
  /** Whether a semicolon would end no statement of the text. */
  isOpen(): boolean
}

interface Frame {
  readonly kind: 'block' | 'unit' | 'package' | 'if' | 'case' | 'expression' | 'loop' | 'repeat'
  /** After `begin` of a unit, `do` of a loop, `until` of a repeat. */
  begun: boolean
}

export function compoundStatement(): Compound {
  const frames: Frame[] = []
  let atStart = false
  let previous = ''
  /** In the head of a routine within a package: `procedure p is`. */
  let inHead = false
  /** Of `declare … handler for condition, …`. */
  let handler: 'none' | 'declared' | 'named' | 'condition' | 'after' = 'none'

  function push(kind: Frame['kind']): void {
    frames.push({ kind, begun: false })
  }

  /** A statement begins right in it. */
  function pushBody(kind: Frame['kind']): void {
    push(kind)
    atStart = true
  }

  function follow(word: string): void {
    if (handler === 'after' && word !== ',') {
      handler = 'none'
      atStart = true
    }
    if (word === ';') startNext()
    else if (atStart) startWith(word)
    else within(word)
    previous = word
  }

  function startNext(): void {
    atStart = true
    inHead = false
    handler = 'none'
  }

  function startWith(word: string): void {
    // Labels: `a:`, and `<<a>>` in Oracle mode.
    atStart = word === '<' || word === '>' || previous === '<'
    if (word === 'begin') begin()
    else if (word === 'end') frames.pop()
    else if (word === 'if' || word === 'case') push(word)
    else if (word === 'loop' || word === 'repeat') pushBody(word)
    else if (word === 'while' || word === 'for') push('loop')
    else if (word === 'else') atStart = true
    else if (word === 'until') markBegun('repeat')
    else if (word === 'declare') handler = 'declared'
    else if (word === 'procedure' || word === 'function') inHead = true
  }

  function begin(): void {
    const top = frames.at(-1)
    if ((top?.kind === 'unit' || top?.kind === 'package') && !top.begun) top.begun = true
    else push('block')
    atStart = true
  }

  function markBegun(kind: Frame['kind']): boolean {
    const top = frames.at(-1)
    if (top?.kind !== kind || top.begun) return false
    top.begun = true
    return true
  }

  function within(word: string): void {
    if (handler !== 'none') return followHandler(word)
    const kind = frames.at(-1)?.kind
    if (word === ':') atStart = isLabel()
    else if (word === 'case' && previous !== 'end') push('expression')
    else if (word === 'end' && (kind === 'expression' || isUntil())) frames.pop()
    else if (word === 'then' && kind !== 'expression') atStart = true
    else if (word === 'do' || (word === 'loop' && previous !== 'end')) atStart = markBegun('loop')
    else if (inHead && (word === 'is' || word === 'as')) pushBody('unit')
  }

  function isUntil(): boolean {
    const top = frames.at(-1)
    return top?.kind === 'repeat' && top.begun
  }

  /** `:=` assigns, and its `=` can begin nothing. */
  function isLabel(): boolean {
    return /^[\w']/.test(previous)
  }

  function followHandler(word: string): void {
    if (handler === 'declared') handler = word === 'handler' ? 'named' : 'declared'
    else if (handler === 'named') handler = 'condition'
    else if (handler === 'after') handler = 'condition'
    else if (!['sqlstate', 'value', 'not'].includes(word)) handler = 'after'
  }

  return {
    start: () => {
      atStart = true
    },
    startUnit: () => pushBody('unit'),
    startPackage: () => pushBody('package'),
    follow,
    isOpen: () => frames.length > 0,
  }
}
