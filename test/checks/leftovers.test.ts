import { expect, test } from 'vitest'
import { analyze } from '../../src/checks/leftovers.ts'
import { told, wholeFile } from './made-up.ts'

const stop = 'A debugger statement was left in'
const focus = 'A focused test keeps the others from running'
const conflict = 'A merge conflict was committed without being solved'

test.each([
  ['src/a.ts', '  debugger', stop],
  ['src/a.js', 'debugger; // here', stop],
  ['a.py', '    breakpoint()', stop],
  ['a.py', 'import pdb; pdb.set_trace()', stop],
  ['a.rb', '  binding.pry', stop],
  ['a.rs', '    dbg!(&cart);', stop],
  ['a.rs', '    let total = dbg!(sum(items));', stop],
  ['a.ex', '    require IEx; IEx.pry', stop],
  ['a.test.ts', "it.only('adds', () => {", focus],
  ['a.test.ts', "  describe.only('cart', () => {", focus],
  ['a.test.ts', "test.only.each([1])('%i', () => {", focus],
  ['a.spec.js', "fdescribe('cart', function () {", focus],
  ['test_a.py', '@pytest.mark.only', focus],
  ['cart_spec.rb', "  fit 'adds' do", focus],
])('%s: %s', (path, line, title) => {
  const findings = analyze([wholeFile(path, `\n${line}\n`)])

  expect(told(findings)).toEqual([`2 ${title}`])
})

test.each([
  ['src/a.ts', '// debugger'],
  ['src/a.ts', "const text = 'debugger'"],
  ['src/a.ts', 'debugger.attach(tab)'],
  ['src/a.ts', 'console.log(total)'],
  ['src/a.ts', 'const fit = scale(box)'],
  ['src/a.ts', 'fit(box, screen)'],
  ['src/a.ts', 'model.fit("x")'],
  ['src/a.ts', 'it.skip("adds", () => {})'],
  ['src/a.ts', 'permissions.only("read")'],
  ['docs/debug.md', 'debugger'],
  ['a.py', '# breakpoint()'],
  ['a.py', 'self.breakpoint()'],
  ['a.py', 'model.fit("x")'],
  ['a.rs', '// dbg!(cart)'],
  ['lib/a.rb', 'fit "x"'],
  ['a.ts', `${' '.repeat(2_000)}debugger`],
])('leaves alone in %s: %s', (path, line) => {
  const findings = analyze([wholeFile(path, line)])

  expect(findings).toEqual([])
})

test('a conflict is told once, where it begins', () => {
  const file = wholeFile('src/a.ts', 'const a = 1\n<<<<<<< HEAD\nconst b = 2\n=======\nconst b = 3\n>>>>>>> other\n')

  const findings = analyze([file])

  expect(told(findings)).toEqual([`2 ${conflict}`])
})

test.each([
  ['an underlined heading', 'docs/a.rst', 'Title\n=======\n'],
  ['a tutorial on git', 'docs/a.md', '<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> other\n'],
  ['one marker alone', 'src/a.c', '// x\n=======\n>>>>>>> other\n'],
])('leaves alone %s', (_, path, text) => {
  const findings = analyze([wholeFile(path, text)])

  expect(findings).toEqual([])
})

test('a line of 1 MB is passed by', () => {
  const started = performance.now()

  const findings = analyze([wholeFile('a.rs', `let ${'a '.repeat(500_000)}`), wholeFile('a.ts', ' '.repeat(1_000_000))])

  expect(findings).toEqual([])
  expect(performance.now() - started).toBeLessThan(1_000)
})
