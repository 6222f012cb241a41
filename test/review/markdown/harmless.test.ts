import { describe, expect, it } from 'vitest'
import { harmless, harmlessLine } from '../../../src/review/markdown/harmless.ts'
import { createRandom, pick } from '../../support/generate-diff.ts'
import { dangersIn, render } from './rendered.ts'

const anyLength = 100_000
const seen = (markdown: string): string => render(harmless(markdown, anyLength)).replaceAll('\u200b', '')

/** What each of them tries stands in its own text. */
const hostile = [
  'Ask @octocat about it.',
  'Ask @org/security-team about it.',
  'Ask &#64;octocat, &#x40;octocat, &commat;octocat.',
  'Ask &amp;#64;octocat.',
  String.raw`Ask \@octocat and \&#64;octocat.`,
  'Ask @\u200boctocat, @\u00adoctocat and \u2066@octocat.',
  'Ask @\u{e0061}octocat.',
  'someone@example.com or mailto:someone@example.com',
  '**@octocat** _@octocat_ ~~@octocat~~ # @octocat',
  'fixes #1',
  'Closes: #1, resolves GH-12, fixed octo/repo#3.',
  'fixes https://github.com/octo/repo/issues/1',
  String.raw`fixes \#1 and GH\-12`,
  'fixes &#35;1 and #&#49;',
  'Duplicate of #12',
  '<b>bold</b><img src=x onerror=alert(1)>',
  '<!-- hidden -->seen<!-- plumbline:review kind=pull_request -->',
  '<!-- never closed',
  '<details><summary>x</summary>',
  '</details></blockquote></li>',
  '<?php ?> <![CDATA[ x ]]> <!DOCTYPE html>',
  '<script>alert(1)</script>\n<style>* { display: none }</style>',
  '<https://evil.example> <a@evil.example>',
  '![pixel](https://evil.example/p.png?secret)',
  '![pixel][p]\n\n[p]: https://evil.example/p.png',
  '[click](https://evil.example "title") [click](javascript:alert(1)) [click](/settings)',
  '[click][c] [c][] [c]\n\n[c]: https://evil.example',
  'A note[^1].\n\n[^1]: @octocat https://evil.example',
  'https://evil.example http://evil.example ftp://evil.example www.evil.example',
  'WWW.EVIL.EXAMPLE _www.evil.example_ (https://evil.example/(x))',
  String.raw`\https://evil.example \www.evil.example`,
  '- [ ] @octocat\n- [x] https://evil.example',
  '/approve',
  '  /lgtm cancel\n/merge',
  '```\n/approve\n```',
  '```suggestion\nrm -rf /\n```',
  '~~~ suggestion\nrm -rf /\n~~~',
  '```mermaid\ngraph TD; A-->B; click A "https://evil.example"\n```',
  '```\nnever closed @octocat',
  '```\nclosed by nothing shorter\n``\n@octocat',
  '````\n```\n@octocat\n````\n@octocat',
  '> ```\n> quoted\n\n@octocat',
  '- ~~~\n  ~~~\n@octocat',
  '    ```\n    @octocat\n    ```\n    @octocat',
  '``` `@octocat` ```\n@octocat',
  '`one` `@octocat ``` `',
  '`starts here\n@octocat\nends here`',
  String.raw`\`@octocat\` and \\\`@octocat\``,
  '`a`@octocat`b`',
  '| a | b |\n| --- | --- |\n| `x | @octocat` | y |',
  'a | b\n:-- | --:\n`x | https://evil.example`',
  '> a | b\n> --|--\n> `x | @octocat`',
  '> [!WARNING]\n> @octocat',
  '$\\href{https://evil.example}{x}$ $$@octocat$$ $`@octocat`$',
  'line one\r@octocat\r\n/approve\u2028/approve\u0085/approve',
  'nul\u0000bell\u0007escape\u001b[31mred',
  '\u202egnp.exe \u2066hidden\u2069',
  '\ud800 half a pair',
  'ends in a backslash \\',
  '*'.repeat(300) + '[' + '>'.repeat(300),
  '`'.repeat(299) + '@octocat' + '`'.repeat(298),
  '- '.repeat(100) + '@octocat',
]

describe('a hostile text', () => {
  it.each(hostile)('does nothing: %j', (text) => {
    const written = harmless(text, anyLength)

    expect(dangersIn(written)).toEqual([])
  })

  it.each(hostile)('does nothing in a line of ours: %j', (text) => {
    const written = harmlessLine(text, anyLength)

    expect(written).not.toContain('\n')
    expect(dangersIn(`**High:** ${written}`)).toEqual([])
  })

  it.each(hostile)('is not changed by being made harmless again: %j', (text) => {
    const once = harmless(text, anyLength)
    const line = harmlessLine(text, anyLength)

    expect(harmless(once, anyLength)).toBe(once)
    expect(harmlessLine(line, anyLength)).toBe(line)
  })

  it('is seen to be dangerous by these tests as it came', () => {
    const unseen = hostile.filter((text) => dangersIn(text).length === 0)

    // What no parser but GitHub's own acts on: entities that are decoded twice, hidden characters, suggestions, formulas.
    expect(unseen.length).toBeLessThan(hostile.length / 3)
  })

  it.each(['suggestion', 'SUGGESTION', 'mermaid', 'math', 'geojson', 'topojson', 'stl', 'ts" onclick="x'])(
    'is not shown in another way than as code: %s',
    (language) => {
      const text = `\`\`\`${language}\nconst a = 1\n\`\`\`\n\n~~~ ${language}\nconst a = 1\n~~~`

      expect(harmless(text, anyLength)).toBe('```\nconst a = 1\n```\n\n```\nconst a = 1\n```')
    },
  )

  const parts = [
    ...hostile,
    ...[
      '@u',
      '#1',
      '`',
      '``',
      '```',
      '~~~',
      '\n',
      '\n\n',
      ' ',
      '    ',
      '\t',
      '\\',
      '<',
      '>',
      '&',
      ';',
      '|',
      '-',
      ':',
      '--|--',
    ],
    ...[
      '[',
      ']',
      '(',
      ')',
      '!',
      '$',
      '*',
      '_',
      'http://',
      'www.',
      '&lt;',
      '&amp;',
      '#',
      '@',
      'gh-1',
      '/x',
      '> ',
      '- ',
      '1. ',
    ],
  ]

  it.each([1, 2, 3, 4])('does nothing however it is put together (seed %i)', (seed) => {
    const random = createRandom(seed)
    const texts = Array.from({ length: 1_000 }, () =>
      Array.from({ length: 1 + Math.floor(random() * 20) }, () => pick(random, parts)).join(''),
    )

    const wrong = texts.filter((text) => {
      const once = harmless(text, anyLength)
      return harmless(once, anyLength) !== once || dangersIn(once).length > 0
    })

    expect(wrong).toEqual([])
  })
})

describe('a friendly text', () => {
  it('keeps its paragraphs, lists and emphasis', () => {
    const text = 'It **fails** for _empty_ lists:\n\n- first\n- second\n\n1. do this\n\n> quoted\n\n### Why'

    expect(harmless(text, anyLength)).toBe(text)
  })

  it('keeps its code, letter for letter', () => {
    const text =
      'Use `@Component` and `a[0] < b && c`:\n\n```ts\n@Injectable()\nconst a = b[0] <c> && `${d}` // #1\n```'

    expect(harmless(text, anyLength)).toBe(text)
  })

  it('shows what was escaped as it was written', () => {
    expect(seen('a[0] < b && c costs $5, see #1 &nbsp; @me')).toBe(
      '<p>a[0] &lt; b &amp;&amp; c costs $5, see #1 &amp;nbsp; @me</p>',
    )
  })

  it('shows addresses as code', () => {
    expect(seen('See [the docs](https://example.com/a?b=1).')).toBe(
      '<p>See [the docs](<code>https://example.com/a?b=1</code>).</p>',
    )
  })

  it('keeps a code block of a list apart from the text after it', () => {
    expect(seen('- ```ts\n  const a = 1\n  ```\n\nafter')).toBe(
      '<pre><code class="language-ts">const a = 1\n</code></pre>\n<p>after</p>',
    )
  })
})

describe('a long text', () => {
  it.each([0, 1, 2, 50, 500])('is cut to %i characters', (maxLength) => {
    const written = harmless('<@octocat> `code` '.repeat(1_000), maxLength)

    expect(written.length).toBeLessThanOrEqual(maxLength)
    expect(dangersIn(written)).toEqual([])
  })

  it('says that it was cut, and does not halve a character', () => {
    expect(harmless('ab😀'.repeat(10), 8)).toBe('ab😀ab…')
  })

  it('is cut inside a fence so that the fence is closed', () => {
    const written = harmless(`\`\`\`ts\n${'const a = 1\n'.repeat(100)}\`\`\`\nend`, 200)

    expect(written.length).toBeLessThanOrEqual(200)
    expect(written).toMatch(/^```ts\n[^`]*…\n```$/)
  })

  it.each([
    'a',
    '`',
    '\\',
    '<',
    '@',
    '[',
    ' ',
    '\n',
    '- ',
    '> ',
    'www.',
    '``` ',
    '~~~\n',
    '/a\n',
    '|-',
    'http://',
    '&lt;',
    '.',
  ])('takes no long time: %j', (unit) => {
    const text = unit.repeat(1_000_000 / unit.length)

    const before = performance.now()
    const written = harmless(text, 8_000)

    expect(written.length).toBeLessThanOrEqual(8_000)
    expect(performance.now() - before).toBeLessThan(2_000)
  })
})
