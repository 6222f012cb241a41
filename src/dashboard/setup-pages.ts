import { html } from 'hono/html'
import type { SetupPages } from '../http/setup/setup.ts'
import { layout, notice } from './layout.ts'

/** The pages that lead through registering the GitHub App. */
export const setupPages: SetupPages = {
  address({ code, problem }) {
    const content = html`<form class="login" method="get" action="/setup">
      <h1>Where can GitHub reach this machine?</h1>
      ${problem === undefined ? '' : notice('problem', problem)}
      <input type="hidden" name="code" value="${code}" />
      <label for="webhook">Address of a webhook proxy</label>
      <input id="webhook" name="webhook" type="url" placeholder="https://smee.io/…" required autofocus />
      <button>Continue</button>
      <p class="hint">
        You opened this page on an address that GitHub cannot reach. To try Plumbline here, take a channel from
        <a href="https://smee.io/new" target="_blank" rel="noreferrer">smee.io/new</a> and put its address above.
        Everybody who knows the channel can read what GitHub sends, so use it for development only. To run for real, set
        PUBLIC_URL and start again.
      </p>
    </form>`
    return layout({ title: 'Set up', content, signedIn: false })
  },

  register({ action, code, manifest, organization, webhookUrl }) {
    const content = html`<h1>Register the GitHub App</h1>
      <p>GitHub will send its deliveries to <strong>${webhookUrl}</strong>, and will show you every permission.</p>
      <form class="login" method="post" action="${action}">
        <input type="hidden" name="manifest" value="${manifest}" />
        <button>Register ${organization === '' ? 'it on my account' : `it for ${organization}`}</button>
        <p class="hint">There you choose its name, and come back here by yourself.</p>
      </form>
      <form class="login" method="get" action="/setup">
        <input type="hidden" name="code" value="${code}" />
        <input type="hidden" name="webhook" value="${webhookUrl.endsWith('/api/github/webhooks') ? '' : webhookUrl}" />
        <label for="organization">An organization that shall own it</label>
        <input id="organization" name="organization" value="${organization}" pattern="[A-Za-z0-9_\\-]+" />
        <button class="quiet">Use this organization</button>
      </form>`
    return layout({ title: 'Set up', content, signedIn: false })
  },

  done({ installUrl, values }) {
    const copy = html`${notice('problem', 'The file .env cannot be written here. Set these variables, then start Plumbline again.')}
      <pre>${(values ?? []).join('\n')}</pre>
      ${notice('note', 'They are shown once. Whoever has them is the App.')}`
    const content = html`<h1>The GitHub App is registered</h1>
      ${values === undefined ? html`<p>Its credentials are in .env, and Plumbline goes on with them.</p>` : copy}
      <p><a href="${installUrl}">Install the App</a> on a repository, then open a pull request there.</p>
      <p><a href="/">Watch it on the dashboard.</a></p>`
    return layout({ title: 'Set up', content, signedIn: false })
  },
}
