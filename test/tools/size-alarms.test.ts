import { expect, test } from 'vitest'
import { sizeMistakes } from '../../tools/size-alarms.ts'
import { codeLines } from '../../tools/source-files.ts'

const lines = (count: number): string => 'const a = 1\n'.repeat(count)

test('comments and blank lines do not count as code', () => {
  const text = '// why\n\n/**\n * What.\n */\nconst a = "https://example.com" // not this\n'

  expect(codeLines({ path: 'review/a.ts', text })).toBe(1)
})

test('a folder, the core and src ring when they are too large', () => {
  const folder = sizeMistakes([{ path: 'github/a.ts', text: lines(1501) }])
  const core = sizeMistakes(['review', 'queue'].map((name) => ({ path: `${name}/a.ts`, text: lines(1300) })))
  const src = sizeMistakes(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ path: `${name}/a.ts`, text: lines(1400) })),
  )

  expect(folder).toEqual(['github: 1501 lines of code, the ceiling is 1500'])
  expect(core).toEqual(['core: 2600 lines of code, the ceiling is 2500'])
  expect(src).toEqual(['src: 9800 lines of code, the ceiling is 9000'])
})

test('a folder with 16 files and a folder in a folder in a folder ring', () => {
  const many = sizeMistakes(Array.from({ length: 16 }, (_, at) => ({ path: `http/file-${at}.ts`, text: lines(1) })))
  const deep = sizeMistakes([{ path: 'http/pages/parts/a.ts', text: lines(1) }])

  expect(many).toEqual(['src/http: 16 files, the ceiling is 15'])
  expect(deep).toEqual(['src/http/pages/parts: a folder may nest one level'])
})

test('an interface with nine methods rings, fields do not count', () => {
  const methods = Array.from({ length: 9 }, (_, at) => `  do${at}(what: string): void`).join('\n')
  const fields = Array.from({ length: 9 }, (_, at) => `  field${at}: string`).join('\n')

  const mistakes = sizeMistakes([
    { path: 'queue/a.ts', text: `export interface Much {\n${methods}\n}\n` },
    { path: 'queue/b.ts', text: `export interface Wide {\n${fields}\n}\n` },
  ])

  expect(mistakes).toEqual(['src/queue/a.ts: interface Much has 9 methods, the ceiling is 8'])
})
