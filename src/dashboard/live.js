// Keeps the page of a running review up to date.
//
// Nothing is lost, because an event is only a hint: it says how far the record is, and whatever is further than the page makes
// the page read itself again. The server subscribes before it reads, sends the state first on every connection, and goes on
// after the browser's Last-Event-ID; what is not newer than the page is dropped here.

/** Where the page says how new it is, and where its events are. Only the page of a live review does. */
const root = document.querySelector('[data-events]')
const retryMs = 3000
let source
let reading = false
let wanted = 0

if (root) {
  listen()
  setInterval(tick, 1000)
}

function listen() {
  // It has ended meanwhile: there is nothing more to hear.
  if (root.dataset.live === undefined) return showConnection(true)
  source = new EventSource(root.dataset.events)
  source.addEventListener('open', () => showConnection(true))
  source.addEventListener('review', (event) => hear(JSON.parse(event.data).eventSeq))
  source.addEventListener('step', (event) => hear(Number(event.lastEventId)))
  source.addEventListener('error', () => {
    showConnection(false)
    if (source.readyState === EventSource.CLOSED) void comeBack()
  })
}

/**
 * After an answer that is no stream of events, a browser does not try again by itself, and does not tell which answer it was. The
 * page's own says whether there is anything to come back to.
 */
async function comeBack() {
  if (!reading) await catchUp()
  setTimeout(listen, retryMs)
}

function hear(eventSeq) {
  wanted = Math.max(wanted, eventSeq)
  if (!reading && wanted > shown()) void catchUp()
}

function shown() {
  return Number(root.dataset.seq)
}

/** One read at a time; what is heard meanwhile is read afterwards. */
async function catchUp() {
  reading = true
  try {
    do await readAgain()
    while (wanted > shown())
    if (root.dataset.live === undefined) source.close()
  } catch {
    setTimeout(() => hear(0), retryMs)
  } finally {
    reading = false
  }
}

async function readAgain() {
  const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } })
  // The session has ended: the browser follows to the form, and comes back. Or the review is gone: its page says so.
  if (answer.redirected || answer.status === 404) location.reload()
  if (!answer.ok || answer.redirected) throw new Error(`the page answered ${answer.status}`)
  show(new DOMParser().parseFromString(await answer.text(), 'text/html'))
}

/** Only what differs is replaced, so that a selection, the focus and what is read aloud stay where they are. */
function show(fresh) {
  for (const old of root.querySelectorAll('[data-part]')) {
    const part = fresh.querySelector(`[data-part="${old.dataset.part}"]`)
    if (!part || part.isEqualNode(old)) continue
    const focused = old.contains(document.activeElement) ? document.activeElement.id : ''
    old.replaceChildren(...part.childNodes)
    if (focused) document.getElementById(focused)?.focus()
  }
  const { live, seq } = fresh.querySelector('[data-seq]').dataset
  root.dataset.seq = seq
  if (live === undefined) delete root.dataset.live
}

function showConnection(connected) {
  document.getElementById('offline').hidden = connected
}

/** Seconds of what runs now. */
function tick() {
  for (const cell of root.querySelectorAll('[data-since]')) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(cell.dataset.since)) / 1000))
    cell.textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  }
}
