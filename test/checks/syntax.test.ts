import { expect, test } from 'vitest'
import { analyze } from '../../src/checks/syntax.ts'
import { told, wholeFile } from './made-up.ts'

const title = 'This does not parse'

test.each([
  ['a.js', 'const a = 1\n', 'const a = 1\nconst b = = 2\n', 2],
  ['a.ts', 'type A = string\n', 'type A = string\nfunction f( { return 1 }\n', 2],
  ['a.tsx', 'const a = <b>x</b>\n', 'const a = <b>x</b>\nconst c = <i>= =\n', 2],
  ['a.py', 'def f():\n    return 1\n', 'def f():\n    return 1\n\ndef g(:\n    return 2\n', 4],
  ['a.go', 'package a\n', 'package a\n\nfunc f( {\n', 3],
  ['a.java', 'class A {}\n', 'class A {}\nclass B { int = ; }\n', 2],
  ['a.rs', 'fn a() {}\n', 'fn a() {}\nfn b( {}\n', 2],
  ['a.rb', 'def a\nend\n', 'def a\nend\ndef b(\nend\n', 3],
  ['a.php', '<?php\n$a = 1;\n', '<?php\n$a = 1;\n$b = = 2;\n', 3],
  ['a.cs', 'class A {}\n', 'class A {}\nclass B { int = ; }\n', 2],
  ['a.css', 'a { color: red }\n', 'a { color: red }\nb { color: ; } }\n', 2],
])('%s that parsed before is told', async (path, base, head, line) => {
  const findings = await analyze([{ ...wholeFile(path, head), base }])

  expect(told(findings)).toEqual([`${line} ${title}`])
  expect(findings[0]).toMatchObject({ reviewer: 'checks:syntax', severity: 'critical' })
})

test('what did not parse before is left alone: a dialect that the grammar does not know', async () => {
  const base = 'opaque type Id = string\nconst a = 1\n'

  const findings = await analyze([{ ...wholeFile('a.js', `${base}const b = = 2\n`), base }])

  expect(findings).toEqual([])
})

test('an error on a line that was not added is left alone', async () => {
  const file = wholeFile('a.js', 'const a = = 1\nconst b = 2\n')

  const findings = await analyze([{ ...file, base: 'const a = 1\n', added: [{ line: 2, text: 'const b = 2' }] }])

  expect(findings).toEqual([])
})

test.each([
  ['a.ts', 'export const a = <const T>(x: T): T => x satisfies T\nusing(a)\n'],
  ['a.ts', 'abstract class B<in out T> extends A { accessor y = 1; override z!: string }\nenum E { A }\n'],
  ['a.tsx', 'export const A = () => <><b {...x}>{a?.b ?? 1}</b></>\n'],
  ['a.py', 'match a:\n    case [1, *rest] if (n := 2):\n        print(f"{rest!r:>{n}}")\n'],
  ['a.go', 'package a\n\nfunc F[T any](x T) T { return x }\n'],
  ['a.rs', "fn f<'a, T: Copy>(x: &'a T) -> T { let Some(y) = g() else { return *x }; y }\n"],
  ['a.unknown', '= = =\n'],
])('new forms of the language are left alone: %s', async (path, head) => {
  const findings = await analyze([{ ...wholeFile(path, head), base: '' }])

  expect(findings).toEqual([])
})

test('a tree deeper than the stack is walked', async () => {
  const findings = await analyze([{ ...wholeFile('a.js', `a = ${'['.repeat(50_000)}`), base: '' }])

  expect(told(findings)).toEqual([`1 ${title}`])
})
