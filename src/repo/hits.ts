// What `git grep -n -z` prints, read while it is printed: a line of generated code can be as long as a file.
import { StringDecoder } from 'node:string_decoder'
import type { SearchHit } from '../jobs/code/codebase.ts'

const maxTextLength = 300

/** Records of `COMMIT:path NUL line NUL text LF`. `enough` once there are more than `most` hits; that one is not kept. */
export function createHitParser(commit: string, most: number) {
  const hits: SearchHit[] = []
  const decoder = new StringDecoder()
  let fields: string[] = []
  let field = ''

  /** Of paths, all of it is needed, but git's are far shorter than a piece of output. */
  const add = (text: string): void => {
    if (fields.length < 2) field += text
    else if (field.length < maxTextLength) field += text.slice(0, maxTextLength - field.length)
  }
  const finish = (): void => {
    const [path = '', line] = fields
    hits.push({ path: path.slice(commit.length + 1), line: Number(line), text: field.replace(/\r$/, '') })
    fields = []
    field = ''
  }
  return {
    hits,
    push(chunk: Buffer): 'more' | 'enough' {
      const text = decoder.write(chunk)
      let from = 0
      while (from < text.length) {
        const to = text.indexOf(fields.length < 2 ? '\0' : '\n', from)
        add(text.slice(from, to < 0 ? text.length : to))
        if (to < 0) return 'more'
        from = to + 1
        if (fields.length === 2) {
          if (hits.length >= most) return 'enough'
          finish()
        } else {
          fields.push(field)
          field = ''
        }
      }
      return 'more'
    },
  }
}
