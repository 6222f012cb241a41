/** Counts hits of a key within a window. */
export function createCounter(redis) {
  return {
    async hit(key, windowSeconds) {
      const count = await redis.incr(key)
      if (count === 1) await redis.expire(key, windowSeconds)
      return count
    },
  }
}
