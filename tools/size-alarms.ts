// Smallness needs an alarm that rings, not an intention. Functions and their parameters: `function-sizes.ts`.
import { posix } from 'node:path'
import { alarms, ceilingOf, coreEntries, coreFolders, raised } from './alarms.ts'
import { codeLines, folderOf, type SourceFile, withoutComments } from './source-files.ts'

/** One sentence for each size that is too large. `exceptions` are for the totals. */
export function sizeMistakes(files: SourceFile[], exceptions = raised): string[] {
  const folders = Map.groupBy(files, (file) => posix.dirname(file.path))
  return [
    ...totalMistakes(files, exceptions),
    ...[...folders].flatMap(([folder, own]) => folderMistakes(folder, own.length)),
    ...files.flatMap((file) => [...fileMistakes(file), ...interfaceMistakes(file)]),
  ]
}

/** Lines of code of `src/`, of the core, and of each folder: for the report, and for the alarms. */
export function totals(files: SourceFile[]): Record<string, number> {
  const sum = (some: SourceFile[]): number => some.reduce((lines, file) => lines + codeLines(file), 0)
  const folders = Map.groupBy(files, (file) => folderOf(file.path))
  const core = files.filter((file) => coreFolders.includes(folderOf(file.path)) || coreEntries.includes(file.path))
  return {
    src: sum(files),
    core: sum(core),
    ...Object.fromEntries([...folders].filter(([name]) => name !== '').map(([name, own]) => [name, sum(own)])),
  }
}

function totalMistakes(files: SourceFile[], exceptions: Readonly<Record<string, number>>): string[] {
  return Object.entries(totals(files)).flatMap(([name, lines]) => {
    const ceiling =
      name === 'src' || name === 'core' ? ceilingOf(name, '', exceptions) : ceilingOf('folder', name, exceptions)
    return lines > ceiling ? [`${name}: ${lines} lines of code, the ceiling is ${ceiling}`] : []
  })
}

/** `.` is `src/` itself: the entries and what only they use. */
function folderMistakes(folder: string, count: number): string[] {
  const ceiling = ceilingOf('filesInFolder', folder)
  const depth = folder.split('/').length - 1
  return [
    ...(depth > alarms.nesting ? [`src/${folder}: a folder may nest one level`] : []),
    ...(count > ceiling ? [`src/${folder}: ${count} files, the ceiling is ${ceiling}`] : []),
  ]
}

function fileMistakes({ path, text }: SourceFile): string[] {
  const lines = text.trimEnd().split('\n').length
  const ceiling = ceilingOf('fileLines', path)
  return lines > ceiling ? [`src/${path}: ${lines} lines, the ceiling is ${ceiling}`] : []
}

function interfaceMistakes({ path, text }: SourceFile): string[] {
  const interfaces = withoutComments(text).matchAll(/^(?:export )?interface (\w+)[^\n]*\{\n([\s\S]*?)^\}/gm)
  return [...interfaces].flatMap(([, name = '', body = '']) => {
    const methods = body.split('\n').filter((line) => isMethod(line)).length
    const ceiling = ceilingOf('methods', `${path} ${name}`)
    return methods > ceiling ? [`src/${path}: interface ${name} has ${methods} methods, the ceiling is ${ceiling}`] : []
  })
}

/** `name(…)`, `name<T>(…)`, `name: (…) => …`, at the interface's own level. */
function isMethod(line: string): boolean {
  return /^ {2}(?:readonly )?\w+\??(?:<.*>)?(?:\(|: (?:<.*>)?\(.*\) =>)/.test(line)
}
