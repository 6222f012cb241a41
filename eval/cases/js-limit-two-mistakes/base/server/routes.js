export function addRoutes(app, { accounts }) {
  app.post('/login', async (request, reply) => {
    const session = await accounts.login(request.body.email, request.body.password)
    return session ? reply.code(200).send(session) : reply.code(401).send()
  })

  app.post('/reset', async (request, reply) => {
    await accounts.sendReset(request.body.email)
    return reply.code(202).send()
  })
}
