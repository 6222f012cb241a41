// What kind of file a path names, by name alone: the content is not ours to guess from.

export type PathKind = 'source' | 'test' | 'config' | 'docs'

const tests =
  /(?:^|\/)(?:tests?|specs?|__tests__|__mocks__|e2e|fixtures|testdata)\/|[._-](?:test|spec|cy)s?\.[^/.]+$|(?:^|\/)(?:test_[^/]*\.py|conftest\.py)$/i
const docs =
  /\.(?:mdx?|markdown|rst|adoc|asciidoc|txt|tex)$|(?:^|\/)(?:licen[cs]e|authors|changelog|readme|contributing|codeowners)[^/]*$/i
// Runs, or decides what runs: these count as source although they look like settings.
const running =
  /(?:^|\/)(?:\.github\/(?:workflows|actions)\/|\.gitlab-ci|jenkinsfile|dockerfile|containerfile|docker-compose|makefile|rakefile)|\.(?:tf|sql)$/i
const config =
  /\.(?:json[5c]?|ya?ml|toml|ini|cfg|conf|properties|env|lock|xml|plist|csv|tsv|svg|po|xliff?)$|(?:^|\/)\.[^/]+$/i

export function kindOfPath(path: string): PathKind {
  if (running.test(path)) return 'source'
  if (docs.test(path)) return 'docs'
  if (tests.test(path)) return 'test'
  return config.test(path) ? 'config' : 'source'
}

/** Files that shape what people see and operate in a browser or an app. */
export function isUserInterface(path: string): boolean {
  return (
    kindOfPath(path) !== 'test' &&
    /\.(?:html?|xhtml|[jt]sx|vue|svelte|astro|css|s[ac]ss|less|styl|svg|ejs|hbs|handlebars|mustache|pug|njk|liquid|twig|erb|haml|slim|cshtml|razor|xaml|storyboard|xib)$|\.blade\.php$/i.test(
      path,
    )
  )
}

/** A file in a place where mistakes are expensive is read before other files of its kind. */
export function isRisky(path: string): boolean {
  return /auth|login|session|password|secret|token|crypt|permission|access|payment|billing|invoice|migrat|sql|webhook|upload|workflow|docker|admin/i.test(
    path,
  )
}
