// A round trip costs Redis and us more than what most scripts do, so what is said in one turn of the event loop goes there together.

/** What is being collected, and what will be answered to it. */
export interface Batch<Said, Answer> {
  said: Said
  answer: Promise<Answer>
}

/** Of the event loop. Those who wait for it go on in the order in which they came. */
export const endOfTurn = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

/**
 * Answers the batch of this turn of the event loop, to add to. It is sent when the turn ends, and never waits for more.
 * When `send` throws, everybody who said something hears it.
 */
export function createBatch<Said, Answer>(
  begin: () => Said,
  send: (said: Said) => Promise<Answer>,
): () => Batch<Said, Answer> {
  let open: Batch<Said, Answer> | undefined
  async function sendSoon(said: Said): Promise<Answer> {
    await endOfTurn()
    open = undefined
    return send(said)
  }
  return () => {
    if (open) return open
    const said = begin()
    open = { said, answer: sendSoon(said) }
    return open
  }
}
