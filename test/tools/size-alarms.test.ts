import { expect, test } from 'vitest'
import { ceilingOf } from '../../tools/alarms.ts'
import { sizeMistakes } from '../../tools/size-alarms.ts'
import type { SourceFile } from '../../tools/source-files.ts'

/** Files of 240 lines of code each: none rings by itself. */
const filesOf = (folder: string, count: number): SourceFile[] =>
  Array.from({ length: count }, (_, at) => ({ path: `${folder}/file-${at}.ts`, text: 'const a = 1\n'.repeat(240) }))

test('a folder rings when it has more than 1,500 lines of code', () => {
  expect(sizeMistakes(filesOf('github', 6))).toEqual([])
  expect(sizeMistakes(filesOf('github', 7))).toEqual(['github: 1680 lines of code, the ceiling is 1500'])
})

test('the core is the sum of its folders and the entries', () => {
  const fits = [...filesOf('review', 5), ...filesOf('queue', 5)]
  const entry = { path: 'worker.ts', text: 'const a = 1\n'.repeat(101) }

  const mistakes = sizeMistakes([...fits, entry], {})

  expect(sizeMistakes(fits, {})).toEqual([])
  expect(mistakes).toEqual(['core: 2501 lines of code, the ceiling is 2500'])
})

test('all of src rings when every part of it still fits', () => {
  const folders = ['github', 'agent', 'repo', 'checks', 'store', 'http', 'dashboard']

  const mistakes = sizeMistakes(
    folders.flatMap((folder) => filesOf(folder, 6)),
    {},
  )

  expect(mistakes).toEqual(['src: 10080 lines of code, the ceiling is 9000'])
})

test('a file is counted as it stands, with its comments', () => {
  const file = (lines: number): SourceFile => ({ path: 'agent/a.ts', text: '// why\n'.repeat(lines) })

  expect(sizeMistakes([file(250)])).toEqual([])
  expect(sizeMistakes([file(251)])).toEqual(['src/agent/a.ts: 251 lines, the ceiling is 250'])
})

test('a folder with 16 files rings, and so does a folder in a folder in a folder', () => {
  const many = sizeMistakes(Array.from({ length: 16 }, (_, at) => ({ path: `http/file-${at}.ts`, text: '' })))
  const deep = sizeMistakes([{ path: 'http/pages/parts/a.ts', text: '' }])
  const flat = sizeMistakes([{ path: 'http/pages/a.ts', text: '' }])

  expect(many).toEqual(['src/http: 16 files, the ceiling is 15'])
  expect(deep).toEqual(['src/http/pages/parts: a folder may nest one level'])
  expect(flat).toEqual([])
})

test('an interface with nine methods rings, however they are written; fields do not count', () => {
  const interfaceOf = (member: string): SourceFile => ({
    path: 'queue/a.ts',
    text: `interface Much<T> extends One {\n${`  ${member}\n`.repeat(9)}}\n`,
  })
  const methods = [
    'do(what: string): void',
    'do<R extends Row>(): R',
    'do: (what: string) => void',
    'readonly do?: () => void',
  ]

  const rings = methods.map((member) => sizeMistakes([interfaceOf(member)]))
  const fields = sizeMistakes([interfaceOf('readonly field: string')])

  expect(rings).toEqual(methods.map(() => ['src/queue/a.ts: interface Much has 9 methods, the ceiling is 8']))
  expect(fields).toEqual([])
})

test('an exception raises one ceiling for one thing', () => {
  const raised = { 'fileLines queue/consumer.ts': 300 }

  expect(ceilingOf('fileLines', 'queue/consumer.ts', raised)).toBe(300)
  expect(ceilingOf('fileLines', 'queue/other.ts', raised)).toBe(250)
  expect(ceilingOf('functionLines', 'queue/consumer.ts', raised)).toBe(40)
})
