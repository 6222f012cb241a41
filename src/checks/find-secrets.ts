// Finds secrets in a text: secretlint's rules, and ours for what they leave out on purpose or do not see.
//
// What must always hold: the time grows with the length of the text and no faster, because this runs on whatever somebody
// pushed, before anything else does. So every quantifier of ours is bounded, and what spans lines is found by walking.
// Comments that switch secretlint off are not obeyed: they belong to the author of the change.
import { lintSource } from '@secretlint/core'
import { secretLintProfiler } from '@secretlint/profiler'
import { rules as recommended } from '@secretlint/secretlint-rule-preset-recommend'
import { isRandom } from './is-random.ts'

export interface Secret {
  /** A few words that end in key, token or secret. `secret` alone: known by its name and its look, not by its form. */
  kind: string
  /** UTF-16 offsets; `end` is behind the last unit. */
  start: number
  end: number
}

// It is on unless told otherwise, and keeps some forty marks of each text for as long as the process lives.
// https://github.com/secretlint/secretlint/issues/1633
secretLintProfiler.setEnabled(false)

const rules = recommended
  .filter((rule) => rule.meta.id !== '@secretlint/secretlint-rule-filter-comments')
  .map((rule) => ({ id: rule.meta.id, rule }))

/** Shorter than any secret that has a form. */
const minLength = 12

/** In order, without overlaps. */
export async function findSecrets(text: string): Promise<Secret[]> {
  if (text.length < minLength) return []
  const found = [...(await findByRules(text)), ...findPrivateKeys(text), ...findByForm(text), ...findByName(text)]
  const ordered = found.toSorted((a, b) => a.start - b.start || b.end - a.end)
  const merged: Secret[] = []
  for (const secret of ordered) {
    const last = merged.at(-1)
    if (last && secret.start < last.end) last.end = Math.max(last.end, secret.end)
    else merged.push({ ...secret })
  }
  return merged
}

async function findByRules(text: string): Promise<Secret[]> {
  const { messages } = await lintSource({
    // The name decides what some rules look for; every text is treated alike.
    source: { content: text, filePath: 'text.txt', ext: '.txt', contentType: 'text' },
    options: { config: { rules }, noPhysicFilePath: true },
  })
  return messages.map(({ range: [start, end], ruleId }) => ({ kind: kindOfRule(ruleId), start, end }))
}

const namesOfRules: Readonly<Record<string, string>> = {
  github: 'GitHub token',
  aws: 'AWS key',
  privatekey: 'private key',
  basicauth: 'URL secret',
  'database-connection-string': 'database secret',
}

function kindOfRule(ruleId: string): string {
  const name = ruleId.replace(/^.*secretlint-rule-/, '')
  return namesOfRules[name] ?? `${name.replace(/[^A-Za-z0-9 -]/g, '').slice(0, 20)} secret`
}

const forms: readonly { kind: string; form: RegExp }[] = [
  { kind: 'AWS key', form: /(?<![A-Za-z0-9])(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: 'Google key', form: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g },
  { kind: 'web token', form: /(?<![\w.-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000}/g },
]

function findByForm(text: string): Secret[] {
  return forms.flatMap(({ form, kind }) =>
    [...text.matchAll(form)].map((match) => ({ kind, start: match.index, end: match.index + match[0].length })),
  )
}

const named = String.raw`(?:secret|token|passw(?:or)?d|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[\w-]{0,20}`
const assignments: readonly { form: RegExp; minDigits: number }[] = [
  {
    form: new RegExp(
      String.raw`${named}["'\]]{0,2}[ \t]{0,4}(?::|=|=>|:=|,)[ \t]{0,4}(["'\x60])([^\s"'\x60]{16,200})\1`,
      'dgi',
    ),
    minDigits: 1,
  },
  // Without quotes, only alone at the end of a line: otherwise it is code. Names of variables have few digits.
  {
    form: new RegExp(String.raw`${named}[ \t]{0,2}[:=][ \t]{0,4}()([A-Za-z0-9+/=_~-]{16,200})[ \t\r]*$`, 'dgim'),
    minDigits: 3,
  },
  {
    form: /\bauthorization["']?[ \t]{0,4}[:=,][ \t]{0,4}["'`]?(Bearer|Basic) {1,3}([\w.~+/=-]{16,400})/dgi,
    minDigits: 1,
  },
]

function findByName(text: string): Secret[] {
  return assignments.flatMap(({ form, minDigits }) =>
    [...text.matchAll(form)].flatMap((match) => {
      const [start, end] = match.indices?.[2] ?? [0, 0]
      const value = text.slice(start, end)
      const digits = value.replace(/\D/g, '').length
      return digits >= minDigits && isRandom(value) ? [{ kind: 'secret', start, end }] : []
    }),
  )
}

const keyBegin = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g
const keyEnd = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g
/** RSA with 16,384 bits is 12,600 characters long. */
const maxKeyLength = 20_000
/** The shortest real ones, on elliptic curves, have 64. Fewer are an example such as `...`. */
const minKeyCharacters = 40

/** Also in one line with `\n` written out, in pieces within quotes, and cut off before the end. */
function findPrivateKeys(text: string): Secret[] {
  const ends = [...text.matchAll(keyEnd)].map((match) => match.index + match[0].length)
  const found: Secret[] = []
  let next = 0
  for (const { 0: begin, index: start } of text.matchAll(keyBegin)) {
    if (start < (found.at(-1)?.end ?? 0)) continue
    const from = start + begin.length
    while ((ends[next] ?? Infinity) < from) next += 1
    const closed = ends[next]
    const end = closed !== undefined && closed - start <= maxKeyLength ? closed : endOfKeyCharacters(text, from)
    const body = text
      .slice(from, end)
      .replace(/\\[nrt]/g, '')
      .replace(/[^A-Za-z0-9+/=]/g, '')
    if (body.length >= minKeyCharacters) found.push({ kind: 'private key', start, end })
  }
  return found
}

function endOfKeyCharacters(text: string, from: number): number {
  const characters = /(?:[A-Za-z0-9+/=\s"',]|\\[nrt]){0,20000}/y
  characters.lastIndex = from
  const [body = ''] = characters.exec(text) ?? []
  return from + body.trimEnd().length
}
