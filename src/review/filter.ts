// Which changed files are worth reading. Everything else is named, with its reason, to whoever reads the review.
//
// What must always hold: a file of the list is either read, or left out with a reason, or has nothing to read (a pure rename).
// Accepted: whoever writes the change can make a new file look generated. That is why noise is named to people too, and why
// a mark of generated code inside an older file counts only where this change did not add it.
import { Minimatch } from 'minimatch'
import { type FileDiff, type Line, parseFilePatch } from './diff.ts'
import type { FileLeftOut } from './outcome.ts'
import type { ChangedFile } from './pull-request.ts'

export interface ChosenFiles {
  /** Each has a patch that can be parsed. */
  read: ChangedFile[]
  leftOut: FileLeftOut[]
}

/** The reason, and globs against the whole path (letter case counts). */
const noisePaths: Readonly<Record<string, readonly string[]>> = {
  'lock file': [
    '**/{package-lock,npm-shrinkwrap,packages.lock,Package.resolved}{,.json}',
    '**/{yarn,poetry,uv,pdm,Pipfile,Cargo,composer,Gemfile,mix,flake,pubspec,Podfile,deno,gradle,bun}.lock',
    '**/{pnpm-lock.yaml,bun.lockb,go.sum,go.work.sum,.terraform.lock.hcl,gradle.lockfile,Cartfile.resolved}',
  ],
  'vendored code': [
    '**/{vendor,node_modules,third_party,third-party,bower_components,Pods,Carthage}/**',
    '**/.yarn/{releases,plugins,sdks}/**',
    '**/.pnp.{cjs,loader.mjs}',
  ],
  'build output': ['**/dist/**'],
  'generated code': [
    '**/{__generated__,__snapshots__}/**',
    '**/*.{snap,pb.go,pb.cc,pb.h,pb.rb,g.dart,freezed.dart,designer.cs,Designer.cs,g.cs}',
    '**/*.generated.*',
    '**/*_pb2{,_grpc}.py{,i}',
    '**/*_pb.{js,ts,d.ts}',
  ],
  'minified code': ['**/*{.,-}min.{js,mjs,cjs,css}', '**/*.{js,mjs,cjs,css}.map'],
}

const noiseGlobs = Object.entries(noisePaths).flatMap(([reason, globs]) =>
  globs.map((glob) => ({ reason, glob: new Minimatch(glob, { dot: true, nonegate: true, nocomment: true }) })),
)

/**
 * The marks that tools put at the head of what they write. Go's is a rule, the others are custom.
 * https://pkg.go.dev/cmd/go#hdr-Generate_Go_files_by_processing_source
 */
const generatedMark =
  /\bcode generated\b.*\bdo not edit\b|@generated\b|<auto-?generated\b|\b(?:auto-?generated|automatically generated)\b.*\b(?:do not|don't) (?:edit|modify|change)\b/i
/** Marks stand in the first lines of a file; further down they are talked about. */
const markWithinLines = 10
/** Longer than what people write and shorter than what a minifier does; half of the lines must be, so one long string is not. */
const minifiedLineLength = 500

/** `changedFiles` is GitHub's own count, because its list stops at 3,000 files. */
export function chooseFiles(files: readonly ChangedFile[], changedFiles: number = files.length): ChosenFiles {
  const chosen: ChosenFiles = { read: [], leftOut: [] }
  for (const file of files) {
    const judged = judge(file)
    if (judged === 'read') chosen.read.push(file)
    else if (judged !== 'nothing to read') chosen.leftOut.push({ ...judged, path: file.path })
  }
  const unlisted = changedFiles - files.length
  if (unlisted > 0)
    chosen.leftOut.push({
      kind: 'unread',
      path: `and ${unlisted} more`,
      reason: 'GitHub’s list of files ends before',
      files: unlisted,
    })
  return chosen
}

function judge(file: ChangedFile): 'read' | 'nothing to read' | Omit<FileLeftOut, 'path'> {
  const { additions, deletions, patch, status } = file
  const isUntouched = patch === undefined && additions + deletions === 0
  if (isUntouched && (status === 'renamed' || status === 'copied' || status === 'unchanged')) return 'nothing to read'
  if (status === 'removed') return { kind: 'noise', reason: 'deleted' }
  const path = noiseGlobs.find(({ glob }) => glob.match(file.path))
  if (path) return { kind: 'noise', reason: path.reason }
  // GitHub counts the lines of a text file even where its patch is too large to be given, and no lines of a binary one.
  if (isUntouched) return { kind: 'noise', reason: 'no text was changed: binary, empty, or only its mode' }
  if (patch === undefined && status === 'changed')
    return { kind: 'unread', reason: 'it became a link, or a link became a file' }
  if (patch === undefined) return { kind: 'unread', reason: 'GitHub gives no patch: the change is too large' }

  const diff = parseFilePatch(file)
  if ('kind' in diff) return { kind: 'unread', reason: diff.reason }
  if (isSubmodule(diff)) return { kind: 'noise', reason: 'a submodule: only its commit was changed' }
  if (isGenerated(file, diff)) return { kind: 'noise', reason: 'generated code' }
  if (isMinified(diff)) return { kind: 'noise', reason: 'minified code' }
  return 'read'
}

/** Git shows the commit of a submodule as if it were a file of one line. https://git-scm.com/docs/gitsubmodules */
function isSubmodule(diff: FileDiff): boolean {
  const lines = diff.hunks.flatMap((hunk) => hunk.lines)
  return lines.length <= 2 && lines.every(({ text }) => /^Subproject commit [0-9a-f]{40,64}$/.test(text))
}

function isGenerated(file: ChangedFile, diff: FileDiff): boolean {
  const marksHead = (line: Line): boolean =>
    (line.newLine ?? Infinity) <= markWithinLines && (line.kind === 'context' || file.status === 'added')
  return diff.hunks.some(({ lines }) =>
    lines.some((line) => marksHead(line) && generatedMark.test(line.text.slice(0, 500))),
  )
}

function isMinified(diff: FileDiff): boolean {
  const lines = diff.hunks.flatMap((hunk) => hunk.lines).filter(({ kind }) => kind === 'added')
  const long = lines.filter(({ text }) => text.length > minifiedLineLength)
  return lines.length > 0 && long.length > lines.length / 2
}
