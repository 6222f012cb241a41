import { html } from 'hono/html'
import { type Html, layout, notice } from './layout.ts'

/** `next` is the path to go to afterwards. */
export function loginPage({ next, problem }: { next: string; problem?: string }): Html {
  const content = html`<form class="login" method="post" action="/login">
    <h1>Sign in</h1>
    ${problem === undefined ? '' : notice('problem', problem)}
    <input type="hidden" name="next" value="${next}" />
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required autofocus />
    <button>Sign in</button>
    <p class="hint">It is the value of DASHBOARD_PASSWORD on the server.</p>
  </form>`
  return layout({ title: 'Sign in', content, signedIn: false })
}
