// Which reviewers look at which files.
import { describe, expect, test } from 'vitest'
import { kindOfPath } from '../../src/agent/path-kind.ts'
import { instructions, reviewers, reviewersFor } from '../../src/agent/reviewers.ts'

describe('who takes part', () => {
  test.each([
    ['src/area.ts', 'correctness security performance'],
    ['src/Button.tsx', 'correctness security performance accessibility'],
    ['app/page.vue', 'correctness security performance accessibility'],
    ['theme/main.css', 'correctness security performance accessibility'],
    ['app/views/show.blade.php', 'correctness security performance accessibility'],
    ['src/Button.test.tsx', 'correctness security'],
    ['config/limits.yml', 'correctness security'],
    ['.github/workflows/ci.yml', 'correctness security performance'],
    ['README.md', 'correctness'],
  ])('%s: %s', (path, expected) => {
    const names = reviewersFor([path]).map((reviewer) => reviewer.name)

    expect(names.join(' ')).toBe(expected)
  })

  test('one file is enough for a reviewer', () => {
    const names = reviewersFor(['README.md', 'index.html']).map((reviewer) => reviewer.name)

    expect(names).toContain('accessibility')
  })
})

describe('kinds of paths', () => {
  test.each([
    ['src/contest.ts', 'source'],
    ['src/latest.js', 'source'],
    ['Dockerfile', 'source'],
    ['db/schema.sql', 'source'],
    ['spec/area_spec.rb', 'test'],
    ['tests/test_area.py', 'test'],
    ['pkg/area_test.go', 'test'],
    ['.eslintrc', 'config'],
    ['LICENSE', 'docs'],
  ])('%s is %s', (path, kind) => {
    expect(kindOfPath(path)).toBe(kind)
  })
})

describe('the texts', () => {
  test('each part fits a page, and names what not to report and what evidence is', () => {
    const parts = reviewers.map((reviewer) => reviewer.instructions)

    expect(Math.max(instructions.split('\n').length, ...parts.map((part) => part.split('\n').length))).toBeLessThan(75)
    expect(parts.filter((part) => /Do not report:/.test(part) && /Evidence:/.test(part))).toHaveLength(parts.length)
  })
})
