// What GitHub would make of Markdown: rendered by a parser that shares no code with ours, all of GitHub's extensions on and raw
// HTML let through, so that nothing dangerous is hidden by the renderer's own care.
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

/** HTML elements that Markdown without links, images, tables and HTML can make. */
const plainElement = /^<\/?(?:p|em|strong|del|h[1-6]|ul|ol|li|blockquote|br|hr)(?: start="\d+")?(?: \/)?>$/

/** Where GitHub looks for mentions and references: in text, after rendering, outside of code. */
const active = /@[a-z0-9]|#\d|gh-\d|(?:https?|ftp):\/\/[a-z0-9]|www\.[a-z0-9]/i

export function render(markdown: string): string {
  const extensions = { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true }
  return micromark(markdown, extensions)
}

/** Everything in the text that GitHub would act on, and every reach beyond its end. Empty: the text is harmless. */
export function dangersIn(markdown: string): string[] {
  const html = render(`Before.\n\n${markdown}\n\nAfter.\n`)
  const outsideCode = html.replace(/<pre>[\s\S]*?<\/pre>/g, '').replace(/<code>[\s\S]*?<\/code>/g, '')
  const elements = (outsideCode.match(/<[^>]*>/g) ?? []).filter((element) => !plainElement.test(element))
  const texts = outsideCode
    .split(/<[^>]*>/)
    .map(decode)
    .filter((text) => active.test(text))
  const ends = html.startsWith('<p>Before.</p>\n') && html.endsWith('<p>After.</p>\n') ? [] : ['reaches beyond its end']
  const commands = markdown.match(/^[ \t]*\/[a-z][\w-]*(?![\w/-])/gim) ?? []
  return [...elements, ...texts, ...ends, ...commands]
}

function decode(html: string): string {
  return html
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
}
