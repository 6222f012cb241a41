import { describe, expect, it } from 'vitest'
import { codeBlock, codeSpan, suggestionBlock } from '../../../src/review/markdown/code.ts'
import { render } from './rendered.ts'

describe('a code span', () => {
  it.each([
    ['a`b', '<p><code>a`b</code></p>'],
    ['`a` and ``b``', '<p><code>`a` and ``b``</code></p>'],
    ['  two\nlines ', '<p><code>two lines</code></p>'],
    ['<!-- a | b -->', '<p><code>&lt;!-- a | b --&gt;</code></p>'],
    ['\u202ehidden\u200b', '<p><code>hidden</code></p>'],
    ['\\', '<p><code>\\</code></p>'],
  ])('shows %j as it is', (text, html) => {
    expect(render(codeSpan(text))).toBe(html)
  })

  it('of nothing is nothing', () => {
    expect(codeSpan(' \n ')).toBe('')
  })
})

describe('a suggestion', () => {
  it.each(['const a = `b`', '```\nfence\n```', '~~~~', '````suggestion\nx\n````', '', '\n', '  indented', 'a\n\nb'])(
    'cannot be closed by what is in it: %j',
    (code) => {
      const html = render(`${suggestionBlock(code)}\n\nAfter.`)

      expect(html.match(/<pre>/g)).toHaveLength(1)
      expect(html).toMatch(/^<pre><code class="language-suggestion">/)
      expect(html).toMatch(/<\/pre>\n<p>After\.<\/p>$/)
    },
  )

  it('has the lines of the code, without the last line break', () => {
    expect(suggestionBlock('a\r\n  b\r\n')).toBe('```suggestion\na\n  b\n```')
  })

  it.each(['const a\u200b = 1', 'if (\u202e) {}', '/approve', 'a\n  /merge now', 'tab\u000b'])(
    'is not offered when it is not what it looks like: %j',
    (code) => {
      expect(suggestionBlock(code)).toBeUndefined()
    },
  )

  it.each(['// a comment', '/* a comment */', '/usr/bin/env node', '  /^a+/.test(b)'])('is offered for %j', (code) => {
    expect(suggestionBlock(code)).toBe(`\`\`\`suggestion\n${code}\n\`\`\``)
  })
})

it('a code block is never a suggestion', () => {
  expect(codeBlock('const a = 1')).toBe('```\nconst a = 1\n```')
})
