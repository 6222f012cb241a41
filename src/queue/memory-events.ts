import type { Events } from './events.ts'

/** Events inside this process. Nothing is lost, and nobody may count on that. */
export function createMemoryEvents(): Events {
  const listeners = new Map<string, Set<() => void>>()
  return {
    publish(topic) {
      // A copy: who hears may unsubscribe.
      for (const heard of [...(listeners.get(topic) ?? [])]) heard()
    },
    async subscribe(topic, heard) {
      const own = listeners.get(topic) ?? new Set()
      listeners.set(topic, own.add(heard))
      return async () => {
        own.delete(heard)
        if (own.size === 0 && listeners.get(topic) === own) listeners.delete(topic)
      }
    },
  }
}
