// A seed becomes a program, and what will happen to it while it runs. Pure.

import type { EngineName } from '../support/engines.js'
import { pick, randomNumbers } from '../support/random.js'
import { type BlockKind, type Ddl, flatten, marksOf, type Operation, type Program, type Refusal } from './program.js'
import { type Strike, strikeKinds } from './strike.js'

export interface Life {
  readonly program: Program
  /** The first run meets the first of them, and so on; then nothing happens any more. */
  readonly strikes: readonly Strike[]
}

export function generate(engine: EngineName, seed: number): Life {
  const random = randomNumbers(seed)
  for (let step = 0; step < 5; step++) random() // seeds that are near each other begin alike
  const generator = new Generator(engine, random)
  const program = generator.program()
  return { program, strikes: generator.strikes(program) }
}

/** Where an operation stands, and what is possible there. */
interface Place {
  /** Whether mig runs the migration in a transaction. */
  readonly transaction: boolean
  /** Blocks around it, the outermost first. */
  readonly blocks: readonly BlockKind[]
}

class Generator {
  readonly engine: EngineName
  readonly random: () => number
  #mark = 0

  constructor(engine: EngineName, random: () => number) {
    this.engine = engine
    this.random = random
  }

  program(): Program {
    const count = 1 + Math.floor(this.random() * 3)
    const migrations = Array.from({ length: count }, (_, index) => {
      const transaction = this.random() < 0.5
      return {
        revision: `${'abc'[index]}000`,
        transaction,
        operations: this.#operations({ transaction, blocks: [] }, 1 + Math.floor(this.random() * 6)),
      }
    })
    return { engine: this.engine, migrations }
  }

  strikes({ migrations }: Program): readonly Strike[] {
    const marks = migrations.flatMap(({ operations }) => flatten(operations).flatMap(marksOf))
    return Array.from({ length: Math.floor(this.random() * 4) }, (): Strike => {
      const after = marks.length === 0 || this.random() < 0.15 ? null : pick(this.random, marks)
      return {
        after,
        ordinal: 1 + Math.floor(this.random() * (after === null ? 40 : 9)),
        side: pick(this.random, ['before', 'after'] as const),
        how: pick(this.random, strikeKinds[this.engine]),
      }
    })
  }

  #operations(place: Place, count: number): readonly Operation[] {
    return Array.from({ length: count }, () => this.#operation(place))
  }

  #operation(place: Place): Operation {
    if (this.#mayBeBeside(place) && this.random() < 0.2)
      return { kind: 'beside', mark: ++this.#mark, isRefused: this.random() < 0.3 }
    const chance = this.random()
    if (chance < 0.4) return this.#insert()
    if (chance < 0.55) return this.#ddl(place) ?? this.#insert()
    if (chance < 0.8) return this.#block(place) ?? this.#insert()
    if (chance < 0.85) return this.#session(place) ?? this.#insert()
    if (chance < 0.91) return this.#refused(place)
    if (chance < 0.97) return this.#fail()
    return this.#rare(place) ?? this.#insert()
  }

  /** SQLite has one connection. */
  #mayBeBeside({ transaction, blocks }: Place): boolean {
    return this.engine !== 'sqlite' && !transaction && blocks.find((block) => block !== 'step') === 'transaction'
  }

  #insert(): Operation {
    return { kind: 'insert', mark: ++this.#mark, how: pick(this.random, ['text', 'bound', 'builder'] as const) }
  }

  #ddl({ transaction, blocks }: Place): Operation | null {
    // On MySQL and MariaDB it would end the transaction around it.
    if (this.engine === 'mysql' && blocks.some((block) => block !== 'step')) return null
    const whats: Ddl[] = ['table', 'built table', 'column', 'index', 'drop']
    if (this.engine === 'postgres' && !transaction && blocks.every((block) => block === 'step'))
      whats.push('concurrent index')
    return { kind: 'ddl', mark: ++this.#mark, what: pick(this.random, whats) }
  }

  #block({ transaction, blocks }: Place): Operation | null {
    const isTop = blocks.every((block) => block === 'step')
    const isInTransaction = transaction || blocks.some((block) => block !== 'step')
    const last = blocks.at(-1)
    if (blocks.length > 2 || last === 'lock tables') return null
    const hows: BlockKind[] = []
    // Text and methods do not know of each other.
    if (isTop || last === 'transaction') hows.push('transaction')
    if (isInTransaction && last !== 'transaction') hows.push('savepoint')
    if (!transaction && isTop) hows.push('begin')
    if (blocks.length === 0) hows.push('step')
    if (this.engine === 'mysql' && isTop) hows.push('lock tables')
    if (this.engine === 'mysql' && isTop && !transaction) hows.push('autocommit off')
    if (hows.length === 0) return null
    const how = pick(this.random, hows)
    const mark = ++this.#mark
    const canRollBack = how !== 'step' && how !== 'lock tables'
    const end = canRollBack && this.random() < 0.4 ? 'roll back' : 'keep'
    const place = { transaction, blocks: [...blocks, how] }
    return { kind: 'block', mark, how, end, operations: this.#operations(place, 1 + Math.floor(this.random() * 3)) }
  }

  #session({ transaction, blocks }: Place): Operation | null {
    if (blocks.includes('lock tables')) return null
    const isInTransaction = transaction || blocks.some((block) => block !== 'step')
    const sqls = {
      sqlite: ['pragma cache_size = 1000', ...(isInTransaction ? [] : ['pragma temp_store = 2'])],
      postgres: [
        `set work_mem = '5MB'`,
        `set statement_timeout = '5min'`,
        ...(isInTransaction ? [`set local work_mem = '6MB'`, 'lock table w in share row exclusive mode'] : []),
      ],
      mysql: ['set @machine = 1', 'set session sort_buffer_size = 300000', 'set foreign_key_checks = 0'],
    }
    return { kind: 'session', sql: pick(this.random, sqls[this.engine]) }
  }

  #refused({ transaction, blocks }: Place): Operation {
    // On PostgreSQL nothing goes on in a transaction after an error, but behind a savepoint.
    const isInTransaction = transaction || blocks.some((block) => block !== 'step')
    const isNested = this.engine === 'postgres' && isInTransaction
    return { kind: 'refused', mark: ++this.#mark, why: this.#why(), isNested }
  }

  #fail(): Operation {
    return {
      kind: 'fail',
      mark: ++this.#mark,
      why: this.random() < 0.3 ? 'throw' : this.#why(),
      fix: pick(this.random, ['remove', 'correct'] as const),
    }
  }

  #why(): Refusal {
    return pick(this.random, ['unique', 'syntax', 'missing'] as const)
  }

  #rare({ blocks }: Place): Operation | null {
    if (this.engine === 'postgres' && this.random() < 0.5)
      return { kind: 'several', marks: [++this.#mark, ++this.#mark] }
    const isPossible = this.engine !== 'sqlite' && blocks.every((block) => block === 'step')
    return isPossible ? { kind: 'deadlock', marks: [++this.#mark, ++this.#mark] } : null
  }
}
