// What `git diff` prints, as GitHub's list of a pull request's files: for changes that GitHub has not seen.
//
// No line of a hunk begins at the margin with anything but a blank, a sign or a backslash, so `diff --git` there begins a file,
// whatever the files hold. The diff has to be printed with git's own prefixes `a/` and `b/`, and without colours.
// https://git-scm.com/docs/diff-format#generate_patch_text_with_p
import type { ChangedFile } from '../review/pull-request.ts'

export function readGitDiff(diff: string): ChangedFile[] {
  const files: ChangedFile[] = []
  for (const section of `\n${diff}`.split('\ndiff --git ').slice(1)) {
    const file = readSection(section)
    const before = files.at(-1)
    // A file that became a link, or the other way round, is printed as a removal and an addition.
    if (before?.path === file.path && before.status === 'removed') files[files.length - 1] = changedType(before, file)
    else files.push(file)
  }
  return files
}

function readSection(section: string): ChangedFile {
  const start = section.indexOf('\n@@ ')
  const [names = '', ...header] = (start < 0 ? section : section.slice(0, start)).split('\n')
  const patch = start < 0 ? undefined : section.slice(start + 1).replace(/\n$/, '')
  const field = (name: string): string | undefined => header.find((row) => row.startsWith(name))?.slice(name.length)
  const from = field('rename from ') ?? field('copy from ')
  const to = field('rename to ') ?? field('copy to ')
  return {
    path: to === undefined ? pathOf(names, field('--- '), field('+++ ')) : unquote(to),
    ...(from === undefined ? {} : { previousPath: unquote(from) }),
    status: statusOf(field, patch),
    ...countLines(patch ?? ''),
    ...(patch === undefined ? {} : { patch }),
  }
}

function statusOf(field: (name: string) => string | undefined, patch: string | undefined): ChangedFile['status'] {
  if (field('new file mode ') !== undefined) return 'added'
  if (field('deleted file mode ') !== undefined) return 'removed'
  if (field('rename to ') !== undefined) return 'renamed'
  if (field('copy to ') !== undefined) return 'copied'
  return patch === undefined && field('new mode ') !== undefined ? 'changed' : 'modified'
}

function changedType(removed: ChangedFile, added: ChangedFile): ChangedFile {
  const { additions, path } = added
  return { path, status: 'changed', additions, deletions: removed.deletions }
}

/** `names` has the path twice, one after the other: the only source where nothing but a mode or bytes were changed. */
function pathOf(names: string, before: string | undefined, after: string | undefined): string {
  const named = [after, before].find((name) => name !== undefined && name !== '/dev/null')
  const quoted = /^"(?:[^"\\]|\\.)*"/s.exec(names)?.[0]
  // git puts a tab after a name with blanks, so that other tools know where it ends.
  const prefixed = named?.replace(/\t$/, '') ?? quoted ?? names.slice(0, (names.length - 1) / 2)
  return unquote(prefixed).slice('a/'.length)
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' }

/** Quoted as in C: the bytes of UTF-8 in octal, one by one. https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath */
function unquote(name: string): string {
  if (!name.startsWith('"')) return name
  const bytes = [...name.slice(1, -1).matchAll(/\\([0-7]{3}|.)|[^\\]+/gs)].map(([text, escaped]) => {
    if (escaped === undefined) return Buffer.from(text)
    return escaped.length === 3 ? Buffer.of(Number.parseInt(escaped, 8)) : Buffer.from(escapes[escaped] ?? escaped)
  })
  return Buffer.concat(bytes).toString()
}

function countLines(patch: string): Pick<ChangedFile, 'additions' | 'deletions'> {
  const rows = patch.split('\n')
  const count = (sign: string): number => rows.filter((row) => row.startsWith(sign)).length
  return { additions: count('+'), deletions: count('-') }
}
