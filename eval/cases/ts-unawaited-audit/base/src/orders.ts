import type { Pool, PoolClient } from './pool.ts'

export interface Order {
  id: string
  customerId: string
  totalCents: number
}

export async function inTransaction<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.acquire()
  try {
    await client.query('begin')
    const result = await run(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

export function placeOrder(pool: Pool, order: Order): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query('insert into orders (id, customer_id, total_cents) values ($1, $2, $3)', [
      order.id,
      order.customerId,
      order.totalCents,
    ])
  })
}

export function cancelOrder(pool: Pool, orderId: string): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query('update orders set cancelled_at = now() where id = $1', [orderId])
  })
}
