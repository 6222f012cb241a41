import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** Markup made by `html`, which escapes everything that is put into it. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

export interface PageParts {
  title: string
  content: Html
  /** Offers to sign out. */
  signedIn: boolean
}

export function layout({ content, signedIn, title }: PageParts): Html {
  const signOut = html`<form method="post" action="/logout"><button class="quiet">Sign out</button></form>`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Plumbline</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <script src="/assets/live.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top"><a class="brand" href="/">Plumbline</a>${signedIn ? signOut : ''}</header>
        <main id="content" tabindex="-1">${content}</main>
      </body>
    </html>`
}

/** A word of ours in its colour. Never text from outside: it becomes a class name. */
export function pill(word: string): Html {
  return html`<span class="pill ${word}">${word}</span>`
}

/** `note` for advice, `problem` for what went wrong. */
export function notice(kind: 'note' | 'problem', sentence: string): Html {
  return html`<p class="notice ${kind}">${sentence}</p>`
}
