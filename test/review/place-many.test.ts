// Ten thousand findings, right and wrong, on random patches. The judge is `acceptance.ts`, which shares no code with placing.
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Anchor, Finding, PlacedFinding } from '../../src/review/finding.ts'
import { isCommentable, placeFindings } from '../../src/review/place.ts'
import { between, createRandom, generatePatch, pick } from '../support/generate-diff.ts'
import { objection, type Place, spotsOf } from './acceptance.ts'
import { diffOf, findingOn, readPatch } from './patches.ts'

const seed = 20_261_123

const random = createRandom(seed)
const patches = new Map<string, string>(
  Array.from({ length: 60 }, (_, index) => [`src/file-${index}.ts`, generatePatch(random)] as const),
)
const paths = [...patches.keys()]
const diffs = paths.map((path) => diffOf(patches.get(path) ?? '', path))
const textAt = (path: string, side: string, line: number): string | undefined =>
  spotsOf(patches.get(path) ?? '').get(`${side} ${line}`)?.text

/** Every line of it may be wrong. */
function wildFinding(): Finding {
  const line = between(random, -3, 140)
  const path = random() < 0.97 ? pick(random, paths) : 'src/not-there.ts'
  const quote = textAt(pick(random, paths), 'RIGHT', between(random, 1, 60)) ?? 'never written'
  return findingOn(random() < 0.02 ? line + 0.5 : line, {
    path,
    side: pick(random, ['LEFT', 'RIGHT']),
    ...(random() < 0.4 ? { startLine: line + between(random, -30, 5) } : {}),
    ...(random() < 0.4 ? { quote } : {}),
    ...(random() < 0.5 ? { suggestion: pick(random, ['', 'x', '}\n}', quote]) } : {}),
  })
}

/** Names a line that is there, and quotes it. */
function trueFinding(): Finding {
  const path = pick(random, paths)
  const [spot, { text }] = pick(random, [...spotsOf(patches.get(path) ?? '')])
  const [side, line] = spot.split(' ')
  return findingOn(Number(line), { path, side: side === 'LEFT' ? 'LEFT' : 'RIGHT', quote: text })
}

function placesOf(placed: readonly PlacedFinding[]): Place[] {
  return placed.flatMap(({ placement }) => {
    return placement.kind === 'inline' ? [placeOf(placement.anchor)] : []
  })
}

/** Every anchor there could be near a patch, also upside down and past its ends. */
function everyAnchor(path: string): Anchor[] {
  const lines = Array.from({ length: 24 }, (_, index) => index)
  return (['LEFT', 'RIGHT'] as const).flatMap((side) =>
    lines.flatMap((line) => [
      { path, side, line },
      ...lines.map((startLine): Anchor => ({ path, side, line, startLine })),
    ]),
  )
}

function placeOf({ startLine, ...anchor }: Anchor): Place {
  return { ...anchor, ...(startLine === undefined ? {} : { start_line: startLine, start_side: anchor.side }) }
}

const fixtures = readdirSync(new URL('../fixtures/patches/', import.meta.url)).map((name) =>
  name.replace(/\.patch$/, ''),
)

describe('GitHub’s rule, written twice, says the same of every anchor there is', () => {
  it.each(fixtures)('in the patch %s', (name) => {
    const path = 'src/area.ts'
    const patch = readPatch(name)

    const differ = everyAnchor(path).filter(
      (anchor) =>
        isCommentable(anchor, diffOf(patch)) !== (objection(placeOf(anchor), new Map([[path, patch]])) === undefined),
    )

    expect(differ).toEqual([])
  })

  it(`in random patches (seed ${seed})`, () => {
    const wrong = paths.flatMap((path, index) =>
      everyAnchor(path).filter(
        (anchor) => isCommentable(anchor, diffs[index]!) !== (objection(placeOf(anchor), patches) === undefined),
      ),
    )

    expect(wrong).toEqual([])
  })
})

describe(`ten thousand findings (seed ${seed})`, () => {
  const wild = placeFindings(Array.from({ length: 10_000 }, wildFinding), diffs)

  it('stand nowhere that GitHub would refuse', () => {
    const places = placesOf(wild)

    const refused = places.filter((place) => objection(place, patches) !== undefined)

    expect(refused).toEqual([])
    expect(places.length).toBeGreaterThan(1_500)
    expect(places.filter((place) => place.start_line !== undefined).length).toBeGreaterThan(500)
    expect(wild.length - places.length).toBeGreaterThan(2_000)
  })

  it('stand on the code that they quote', () => {
    const quoting = wild.filter(({ placement, quote }) => quote?.trim() && placement.kind === 'inline')

    const elsewhere = quoting.filter(({ placement, quote }) => {
      if (placement.kind !== 'inline') return true
      const { line, path, side } = placement.anchor
      // A range on the left may have been shrunk away from the quoted last line, but not from all of its lines.
      const first = placement.anchor.startLine ?? line
      const lines = Array.from({ length: line - first + 1 }, (_, index) => textAt(path, side, first + index)?.trim())
      return side === 'RIGHT' && !lines.includes(quote?.trim())
    })

    expect(elsewhere).toEqual([])
    expect(quoting.length).toBeGreaterThan(250)
  })

  it('suggest only what replaces the lines that were named', () => {
    const fitting = wild.flatMap(({ line, placement, startLine = line }) =>
      placement.kind === 'inline' && placement.suggestionFits
        ? [{ ...placement.anchor, named: Math.abs(line - startLine) }]
        : [],
    )

    const wrong = fitting.filter((one) => one.side === 'LEFT' || one.line - (one.startLine ?? one.line) !== one.named)

    expect(wrong).toEqual([])
    expect(fitting.length).toBeGreaterThan(250)
  })

  it('stand exactly where they say when what they say is true', () => {
    const findings = Array.from({ length: 2_000 }, trueFinding)

    const places = placesOf(placeFindings(findings, diffs))

    expect(places).toEqual(findings.map(({ line, path, side }) => ({ path, side, line })))
  })
})

it('two hundred findings that quote nothing of a hunk of 20,000 lines are placed in a moment', () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `+const name${at} = value${at}`)
  const large = diffOf(`@@ -0,0 +1,20000 @@\n${lines.join('\n')}`)
  const findings = Array.from({ length: 200 }, (_, at) => findingOn(at * 100 + 1, { quote: `invented code ${at}` }))

  const before = performance.now()
  const placed = placeFindings(findings, [large])

  expect(performance.now() - before).toBeLessThan(5_000)
  expect(placesOf(placed)).toEqual([])
})
