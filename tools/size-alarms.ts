// Smallness needs an alarm that rings, not an intention.
import { alarms, coreEntries, coreFolders, raised } from './alarms.ts'
import { codeLines, folderOf, type SourceFile, withoutComments } from './source-files.ts'

/** One sentence for each size that is too large. */
export function sizeMistakes(files: SourceFile[]): string[] {
  const folders = Map.groupBy(files, (file) => file.path.slice(0, Math.max(file.path.lastIndexOf('/'), 0)))
  return [
    ...totalMistakes(files),
    ...[...folders].flatMap(([folder, own]) => folderMistakes(folder, own)),
    ...files.flatMap(interfaceMistakes),
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

function totalMistakes(files: SourceFile[]): string[] {
  return Object.entries(totals(files)).flatMap(([name, lines]) => {
    const ceiling = raised[name] ?? (name === 'src' || name === 'core' ? alarms[name] : alarms.folder)
    return lines > ceiling ? [`${name}: ${lines} lines of code, the ceiling is ${ceiling}`] : []
  })
}

function folderMistakes(folder: string, files: SourceFile[]): string[] {
  const deep = folder.split('/').length > 2 ? [`src/${folder}: a folder may nest one level`] : []
  const many = folder !== '' && files.length > (raised[`${folder}/`] ?? alarms.filesInFolder)
  return many ? [...deep, `src/${folder}: ${files.length} files, the ceiling is ${alarms.filesInFolder}`] : deep
}

function interfaceMistakes(file: SourceFile): string[] {
  return [...withoutComments(file.text).matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)].flatMap(
    ([, name = '', body = '']) => {
      const methods = body
        .split('\n')
        .filter((line) =>
          /^ {2}(?:readonly )?\w+\??(?:<[^(]*>)?\(|^ {2}(?:readonly )?\w+\??: \([^)]*\) =>/.test(line),
        ).length
      const ceiling = raised[`${folderOf(file.path)}/${name}`] ?? alarms.methodsOfInterface
      return methods > ceiling
        ? [`src/${file.path}: interface ${name} has ${methods} methods, the ceiling is ${ceiling}`]
        : []
    },
  )
}
