// The check against GitHub's description itself.
import { expect, test } from 'vitest'
import { departuresOfReply, departuresOfRequest } from '../support/openapi/contract.ts'
import { exampleReply } from '../support/openapi/description.ts'

const reviews = '/repos/octocat/Hello-World/pulls/1/reviews'

test.each([
  ['a misspelt key', { boddy: 'x' }, /additional properties/],
  ['a misspelt key further inside', { comments: [{ path: 'a', body: 'x', startline: 1 }] }, /comments\/0 .*additional/],
  ['a word that is not in the list', { event: 'MAYBE' }, /equal to one of the allowed values/],
  ['a wrong type', { comments: [{ path: 'a', body: 'x', line: '1' }] }, /must be integer/],
  ['a missing key', { comments: [{ path: 'a' }] }, /required property 'body'/],
])('%s in a request is noticed', (_, body, problem) => {
  const departures = departuresOfRequest({ method: 'POST', url: reviews, body })

  expect(departures).toEqual([expect.stringMatching(problem)])
})

test.each([
  ['an operation that does not exist', { method: 'PUT', url: '/repos/a/b/pulls/1/reviews' }, /has no PUT/],
  ['an unknown query parameter', { method: 'GET', url: `${reviews}?pages=2` }, /unknown query parameter pages/],
  ['a body where none is taken', { method: 'GET', url: reviews, body: {} }, /takes no JSON body/],
  ['no body where one is needed', { method: 'POST', url: `${reviews}/1/events` }, /body is required/],
])('%s is noticed', (_, request, problem) => {
  const departures = departuresOfRequest(request)

  expect(departures).toEqual([expect.stringMatching(problem)])
})

test.each([
  ['too little', { status: 200, body: { id: 1 } }, /required property 'state'/],
  ['a status that the operation has not', { status: 202, body: {} }, /202 is not described/],
  ['an error of another form', { status: 404, body: { message: 1 } }, /must be string/],
])('a reply with %s is noticed', (_, reply, problem) => {
  const departures = departuresOfReply({ method: 'GET', url: `${reviews}/1` }, reply)

  expect(departures).toEqual([expect.stringMatching(problem)])
})

test('a good request and the example of GitHub itself pass', () => {
  const comments = [{ path: 'a.ts', line: 2, side: 'RIGHT', body: 'x' }]
  const request = { method: 'POST', url: reviews, body: { commit_id: 'a'.repeat(40), body: 'x', comments } }
  const example = exampleReply('POST', '/repos/{owner}/{repo}/pulls/{pull_number}/reviews', 200)

  const departures = [...departuresOfRequest(request), ...departuresOfReply(request, { status: 200, body: example })]

  expect(departures).toEqual([])
})

test('an example with one key renamed does not pass', () => {
  const example = exampleReply('GET', '/repos/{owner}/{repo}/pulls/{pull_number}/files', 200)
  const spoiled: unknown = JSON.parse(JSON.stringify(example).replaceAll('"filename"', '"file_name"'))

  const departures = departuresOfReply(
    { method: 'GET', url: '/repos/a/b/pulls/1/files' },
    { status: 200, body: spoiled },
  )

  expect(departures).toEqual([expect.stringContaining("required property 'filename'")])
})
