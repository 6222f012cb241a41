import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { CodeSymbol } from '../../src/jobs/code/codebase.ts'
import { createSymbolReader } from '../../src/repo/symbols.ts'
import { patient } from './repositories.ts'

const reader = createSymbolReader()
afterAll(() => reader.close())

const told = ({ first, kind, last, name }: CodeSymbol): string => `${first}-${last} ${kind} ${name}`
const symbolsOf = async (path: string, text: string): Promise<string[]> =>
  (await reader.symbolsOf(path, text, patient)).map(told)

test.each([
  [
    'a.js',
    'class A {\n  b = () => 1\n  c() {}\n}\nfunction* d() {}\nconst e = async () => {},\n  f = 1\nexports.g = function () {}\nconst h = { i: () => 1, j() {} }\n',
    [
      '1-4 class A',
      '2-2 method b',
      '3-3 method c',
      '5-5 function d',
      '6-6 function e',
      '8-8 function exports.g',
      '9-9 method i',
      '9-9 method j',
    ],
  ],
  [
    'a.ts',
    '@x()\nexport class A<T> {\n  private b = (): void => {}\n}\nexport abstract class C { abstract d(): void }\nexport interface E {\n  f(): void\n}\nexport type G = string\nenum H { I }\nnamespace J {\n  export function k(): void {}\n}\nexport const l = (): number =>\n  1\nexport default function m() {}\n',
    [
      '1-4 class A',
      '3-3 method b',
      '5-5 class C',
      '5-5 method d',
      '6-8 interface E',
      '7-7 method f',
      '9-9 type G',
      '10-10 enum H',
      '11-13 module J',
      '12-12 function k',
      '14-15 function l',
      '16-16 function m',
    ],
  ],
  [
    'a.tsx',
    'export const A = () => <b>x</b>\nfunction B() {\n  return <A />\n}\n',
    ['1-1 function A', '2-4 function B'],
  ],
  [
    'a.py',
    '@x\ndef a():\n    return 1\n\nclass B:\n    @y\n    def c(self):\n        pass\n',
    ['1-3 function a', '5-8 class B', '6-8 function c'],
  ],
  [
    'a.go',
    'package a\n\ntype A struct {\n\tb int\n}\n\ntype C interface{}\n\ntype D = int\n\nfunc (a *A) E() {}\n\nfunc F() {\n}\n',
    ['3-5 struct A', '7-7 interface C', '9-9 type D', '11-11 method E', '13-14 function F'],
  ],
  [
    'a.java',
    'class A {\n  A() {}\n  int b() { return 1; }\n}\ninterface C {}\nenum D { E }\nrecord F(int g) {}\n',
    ['1-4 class A', '2-2 constructor A', '3-3 method b', '5-5 interface C', '6-6 enum D', '7-7 record F'],
  ],
  [
    'a.rs',
    'struct A;\nenum B { C }\ntrait D { fn e(&self); }\nimpl D for A {\n    fn e(&self) {}\n}\nimpl<T> A { }\nmod f { fn g() {} }\ntype H = i32;\nmacro_rules! i { () => {} }\n',
    [
      '1-1 struct A',
      '2-2 enum B',
      '3-3 trait D',
      '3-3 function e',
      '4-6 impl D for A',
      '5-5 function e',
      '7-7 impl A',
      '8-8 module f',
      '8-8 function g',
      '9-9 type H',
      '10-10 macro i',
    ],
  ],
  [
    'a.rb',
    'module A\n  class B < C\n    def d\n    end\n    def self.e; end\n  end\nend\n',
    ['1-7 module A', '2-6 class B', '3-4 method d', '5-5 method e'],
  ],
  [
    'a.php',
    '<?php\nnamespace A;\ninterface B {}\ntrait C {}\nclass D {\n  function e() {}\n}\nenum F {}\nfunction g() {}\n',
    ['2-2 module A', '3-3 interface B', '4-4 trait C', '5-7 class D', '6-6 method e', '8-8 enum F', '9-9 function g'],
  ],
  [
    'a.cs',
    'namespace A.B {\n  class C {\n    C() {}\n    int D() { int E() => 1; return E(); }\n  }\n  struct F {}\n  interface G {}\n  enum H { I }\n  record J(int K);\n}\n',
    [
      '1-10 module A.B',
      '2-5 class C',
      '3-3 constructor C',
      '4-4 method D',
      '4-4 function E',
      '6-6 struct F',
      '7-7 interface G',
      '8-8 enum H',
      '9-9 record J',
    ],
  ],
  ['a.css', '.a,\n.b {\n  color: red;\n}\n@keyframes c { from { top: 0 } }\n', ['1-4 rule .a, .b', '5-5 rule c']],
])('%s: named pieces, outer before inner', async (path, text, expected) => {
  expect(await symbolsOf(path, text)).toEqual(expected)
})

test.each([
  [
    'a.ts',
    'const total = 1 // total\nlet x = "total"\nf(total.total, { total })\nconst totals = `total ${total}`\ntype total = 1\n',
    'total',
    [1, 3, 4, 5],
  ],
  ['a.py', 'a = 1\n# a\nprint("a", a)\nb.a = 2\n', 'a', [1, 3, 4]],
  ['a.go', 'package a\n\nfunc F(a int) T { return b.a(a) }\n\n// a\ntype T struct{ a string }\n', 'a', [1, 3, 6]],
  ['a.java', 'class A { int a = this.a; A b; String s = "A"; }\n/* A */\n', 'A', [1]],
  ['a.rs', 'fn a() {}\nfn b() { a(); let s = S { a }; s.a }\n// a\n', 'a', [1, 2]],
  ['a.rb', 'def a; end\nA = a\n@a = "a"\n', 'a', [1, 2]],
  ['a.php', '<?php\nfunction a() {}\n$a = a();\n# a\n', 'a', [2, 3]],
  ['a.cs', 'class A { A b; }\n// A\n', 'A', [1]],
  ['a.css', '.a { color: red }\n#a {}\n/* a */\n', 'a', [1, 2]],
])('%s: uses are identifiers, no comments, no strings', async (path, text, name, expected) => {
  expect(await reader.usesOf(name, { path, text }, patient)).toEqual(expected)
})

test('a file that no grammar reads has no symbols, and nobody knows its uses', async () => {
  const file = { path: 'a.unknown', text: 'function a() {}' }

  expect(await reader.symbolsOf(file.path, file.text, patient)).toEqual([])
  expect(await reader.usesOf('a', file, patient)).toBeUndefined()
})

test('a file of a quarter of a million characters and more is not looked into', async () => {
  const text = `function a() {}\n${' '.repeat(256 * 1024)}`

  expect(await symbolsOf('a.js', text)).toEqual([])
})

test.each([
  ['brackets', `function a() {}\na = ${'['.repeat(20_000)}`],
  ['classes', 'class A {\n'.repeat(20_000)],
  ['calls', `function a() {}\n${'f('.repeat(20_000)}`],
  ['nothing but names', 'a '.repeat(120_000)],
])('code of nothing but %s has an answer, and the next question has one too', async (_, text) => {
  await reader.symbolsOf('a.js', text, patient)
  await reader.usesOf('a', { path: 'a.js', text }, patient)

  expect(await symbolsOf('b.js', 'function b() {}\n')).toEqual(['1-1 function b'])
})

test('a question that takes too long has no answer, and the next one is asked in a new thread', async () => {
  const hasty = createSymbolReader({ timeoutMs: 1 })
  onTestFinished(() => hasty.close())

  const [late, lateUses] = await Promise.all([
    hasty.symbolsOf('a.ts', 'const a = 1\n'.repeat(20_000), patient),
    hasty.usesOf('a', { path: 'a.ts', text: 'const a = 1\n'.repeat(20_000) }, patient),
  ])

  expect(late).toEqual([])
  expect(lateUses).toBeUndefined()
})

test('a review that is over has its question taken back, and nobody else’s', async () => {
  const over = new AbortController()
  const slow = reader.symbolsOf('a.ts', 'const a = 1\n'.repeat(20_000), over.signal)
  const other = symbolsOf('b.js', 'function b() {}\n')

  over.abort(new Error('the lease is over'))

  await expect(slow).rejects.toThrow('the lease is over')
  expect(await other).toEqual(['1-1 function b'])
})

test('questions share one thread', async () => {
  const file = 'function b() {}\n'
  await symbolsOf('b.js', file)
  const started = performance.now()

  await Promise.all(Array.from({ length: 200 }, () => symbolsOf('b.js', file)))

  // 200 threads would take 12 s.
  expect(performance.now() - started).toBeLessThan(4_000)
})
