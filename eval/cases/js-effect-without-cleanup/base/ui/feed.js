/** Prices as they come in. `subscribe` answers a function that ends the subscription. */
export function createFeed(socket) {
  const listeners = new Set()
  socket.addEventListener('message', (event) => {
    const tick = JSON.parse(event.data)
    for (const listener of listeners) listener(tick)
  })
  return {
    subscribe(symbols, listener) {
      socket.send(JSON.stringify({ type: 'subscribe', symbols }))
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        socket.send(JSON.stringify({ type: 'unsubscribe', symbols }))
      }
    },
  }
}
