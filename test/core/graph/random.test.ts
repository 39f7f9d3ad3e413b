// What must hold for every graph, tried on 300 random ones. A failure names the seed.

import { describe, expect, test } from '@jest/globals'
import { ancestors, heads, linked, sort, type RevisionGraph } from '../../../src/core/graph/graph.js'
import { currentHeads } from '../../../src/core/graph/history.js'
import { planDowngrade } from '../../../src/core/graph/downgrade.js'
import type { Plan } from '../../../src/core/graph/plan.js'
import { planStamp } from '../../../src/core/graph/stamp.js'
import { planUpgrade } from '../../../src/core/graph/upgrade.js'
import type { Standing } from '../../../src/core/graph/resolve.js'
import type { RevisionId } from '../../../src/core/graph/revision.js'
import { MigError } from '../../../src/core/errors.js'
import { after, soundGraph, standing, stepsOf } from '../../support/graph.js'
import { rows } from '../../support/history.js'
import { pick, randomNumbers, randomRevisions } from '../../support/random.js'

const seeds = Array.from({ length: 300 }, (_, index) => index + 1)

interface Scene {
  readonly random: () => number
  readonly graph: RevisionGraph
  readonly ids: readonly RevisionId[]
  readonly before: Standing
}

/** A random graph with a random part of it applied. */
function sceneOf(seed: number): Scene {
  const random = randomNumbers(seed)
  const graph = soundGraph(randomRevisions(random))
  const ids = [...graph.revisions.keys()]
  const chosen = ids.filter(() => random() < 0.2)
  return { random, graph, ids, before: standing(graph, sort(graph, ancestors(graph, chosen))) }
}

function eachSeed(check: (scene: Scene) => void): void {
  for (const seed of seeds) {
    try {
      check(sceneOf(seed))
    } catch (error) {
      throw new Error(`with seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
}

/** Steps that come before something they need, or leave something behind that needs them. */
function illegalSteps({ graph, applied }: Standing, plan: Plan): readonly RevisionId[] {
  const now = new Set(applied)
  return plan.steps.flatMap(({ direction, revision: { revision: id } }) => {
    const legal =
      direction === 'up'
        ? !now.has(id) && linked(graph.parents.all, id).every((parent) => now.has(parent))
        : now.has(id) && linked(graph.children.all, id).every((child) => !now.has(child))
    if (direction === 'up') now.add(id)
    else now.delete(id)
    return legal ? [] : [id]
  })
}

describe('in every graph', () => {
  test('an upgrade to the heads is legal, complete, and repeats as nothing', () => {
    eachSeed(({ graph, before }) => {
      const plan = planUpgrade(before, 'heads')
      expect(illegalSteps(before, plan)).toEqual([])
      const then = after(before, plan)
      expect(then.applied).toHaveLength(graph.revisions.size)
      expect(plan.to).toEqual(heads(graph, 'all'))
      expect(stepsOf(planUpgrade(then, 'heads'))).toBe('')
    })
  })

  test('heads that a plan foretells are the heads that the rows give', () => {
    eachSeed(({ graph, before, random, ids }) => {
      const target = pick(random, ids)
      const up = planUpgrade(before, target)
      expect(up.from).toEqual(currentHeads(graph, rows(graph, (before.applied ?? []).join(' '))))
      const then = after(before, up)
      expect(up.to).toEqual(currentHeads(graph, rows(graph, (then.applied ?? []).join(' '))))
      const down = planDowngrade(then, 'base')
      expect(down.to).toEqual([])
    })
  })

  test('upgrading in pieces comes to the same set as at once', () => {
    eachSeed(({ before, random, ids }) => {
      let now = before
      for (let piece = 0; piece < 4; piece++) {
        const plan = planUpgrade(now, pick(random, ids))
        expect(illegalSteps(now, plan)).toEqual([])
        now = after(now, plan)
      }
      now = after(now, planUpgrade(now, 'heads'))
      const atOnce = after(before, planUpgrade(before, 'heads'))
      expect(new Set(now.applied)).toEqual(new Set(atOnce.applied))
      expect(now.current).toEqual(atOnce.current)
    })
  })

  test('down after up is where we were', () => {
    eachSeed(({ before, random, ids }) => {
      const up = planUpgrade(before, pick(random, ids))
      if (up.steps.length === 0) return
      const top = after(before, up)
      const down = planDowngrade(top, `-${up.steps.length}`)
      expect(illegalSteps(top, down)).toEqual([])
      expect(after(top, down)).toEqual(before)
    })
  })

  test('a downgrade to what is applied is legal and keeps it, or is refused with a reason', () => {
    let made = 0
    eachSeed(({ before, random }) => {
      const top = after(before, planUpgrade(before, 'heads'))
      const target = pick(random, top.applied ?? [])
      try {
        const down = planDowngrade(top, target)
        expect(illegalSteps(top, down)).toEqual([])
        const then = after(top, down)
        expect(then.applied).toContain(target)
        expect(after(then, planUpgrade(then, 'heads')).current).toEqual(top.current)
        made++
      } catch (error) {
        if (!(error instanceof MigError)) throw error
        expect(error.code).toBe('target.not-applied') // applied only as a dependency
      }
    })
    expect(made).toBeGreaterThan(seeds.length / 2)
  })

  test('every applied set stays closed: what an applied revision needs is applied', () => {
    eachSeed(({ graph, before, random, ids }) => {
      const top = after(before, planUpgrade(before, 'heads'))
      const count = 1 + Math.floor(random() * ids.length)
      for (const then of [
        after(top, planDowngrade(top, `-${count}`)),
        after(top, planStamp(top, [pick(random, ids)], false)),
      ])
        expect(new Set(ancestors(graph, then.applied ?? []))).toEqual(new Set(then.applied))
    })
  })

  test('a stamp makes of the applied set what an upgrade makes', () => {
    eachSeed(({ before, random, ids }) => {
      const target = pick(random, ids)
      if (before.applied?.includes(target)) return
      const stamped = planStamp(before, [target], false)
      expect(illegalSteps(before, stamped)).toEqual([])
      expect(new Set(after(before, stamped).applied)).toEqual(
        new Set(after(before, planUpgrade(before, target)).applied),
      )
    })
  })

  test('the order is the same for every order of files', () => {
    eachSeed(({ graph, random }) => {
      const shuffled = [...graph.revisions.values()]
        .map((revision) => ({ revision, place: random() }))
        .sort((a, b) => a.place - b.place)
        .map(({ revision }) => revision)
      const all: (of: RevisionGraph) => readonly RevisionId[] = (of) => sort(of, new Set(of.revisions.keys()))
      expect(all(soundGraph(shuffled))).toEqual(all(graph))
    })
  })
})
