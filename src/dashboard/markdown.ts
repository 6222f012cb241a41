// A model's Markdown as markup. Micromark lets no HTML through; what would lead or load from elsewhere is switched off too, so
// that links, images and HTML stay the text they were written as. https://github.com/micromark/micromark#security
import { raw } from 'hono/html'
import { micromark, type Options } from 'micromark'
import type { Html } from './layout.ts'

const switchedOff = ['autolink', 'definition', 'htmlFlow', 'htmlText', 'labelEnd', 'labelStartImage', 'labelStartLink']
const onlyText: Options = { extensions: [{ disable: { null: switchedOff } }] }

/** A finding is read in a minute. Some texts take micromark longer than their length lets expect, so length has an end. */
const maxLength = 20_000

/** Headings become ones below a finding's own title. */
export function markdown(text: string): Html {
  const markup = micromark(text.slice(0, maxLength), onlyText)
  return raw(markup.replaceAll(/<(\/?)h[1-6]>/g, '<$1h4>'))
}
