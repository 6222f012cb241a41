/** Whether git could have it as the path of a file or folder. Nothing else is ever put on a command line as a path. */
export function isGitPath(path: string): boolean {
  if (path.length > 4096 || path.includes('\0')) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
