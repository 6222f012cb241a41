// Which grammar reads a file, by its name's end. Left out: C and C++ (macros do not parse), shells, and what has no grammar.

const grammars = [
  { name: 'javascript', files: /\.[cm]?jsx?$/ },
  { name: 'typescript', files: /\.[cm]?ts$/ },
  { name: 'tsx', files: /\.tsx$/ },
  { name: 'python', files: /\.py$/ },
  { name: 'go', files: /\.go$/ },
  { name: 'java', files: /\.java$/ },
  { name: 'rust', files: /\.rs$/ },
  { name: 'ruby', files: /\.rb$/ },
  { name: 'php', files: /\.php$/ },
  { name: 'c-sharp', files: /\.cs$/ },
  { name: 'css', files: /\.css$/ },
]

/** The middle part of the grammar's file name. */
export function grammarFor(path: string): string | undefined {
  return grammars.find(({ files }) => files.test(path))?.name
}
