// Pairs of findings on one line, as two reviewers word them: what a threshold for "said twice" is measured on.

export interface Pair {
  quote: string
  titles: readonly [string, string]
}

/** One cause, worded twice. */
export const sameCause: readonly Pair[] = [
  {
    quote: 'for (let i = 0; i <= items.length; i++) items[i].price *= 1 - percent',
    titles: [
      'The loop reads past the end of the items',
      'Off-by-one: the loop runs one step past the end of the array',
    ],
  },
  {
    quote: "const user = await db.query(`select * from users where name = '${name}'`)",
    titles: ['SQL injection through the name', 'The name is put into the SQL unescaped, which allows injection'],
  },
  {
    quote: 'if (value = null) return',
    titles: ['Assignment instead of comparison', 'The condition assigns null instead of comparing with it'],
  },
  {
    quote: 'setInterval(poll, 1000)',
    titles: ['The interval is never cleared', 'Nothing clears the interval, so it leaks after unmounting'],
  },
  {
    quote: 'return a.localeCompare(b) > 0',
    titles: ['The comparator returns a boolean', 'sort() needs a number, and this comparator returns a boolean'],
  },
  {
    quote: 'fetch(url).then(save)',
    titles: ['A rejected promise is not handled', 'The promise has no rejection handler'],
  },
  {
    quote: 'total = total + price * qty',
    titles: ['The total overflows for large carts', 'Integer overflow in the total when the cart is large'],
  },
  {
    quote: 'mutex.Lock()',
    titles: ['The mutex is not unlocked on the error path', 'On an early error return the mutex stays locked'],
  },
  {
    quote: 'password = request.args["password"]',
    titles: ['The password is taken from the query string', 'Passwords in the query string end up in access logs'],
  },
  {
    quote: 'file = open(path)',
    titles: ['The file is never closed', 'File handle leak: nothing closes the file'],
  },
  {
    quote: 'const age = parseInt(input)',
    titles: ['NaN is not handled when the input is no number', 'Input that is not a number becomes NaN and passes'],
  },
  {
    quote: 'res.redirect(req.query.next)',
    titles: ['Open redirect', 'Open redirect: the target comes unchecked from the query'],
  },
  {
    quote: 'items.forEach(async (item) => await save(item))',
    titles: ['forEach does not wait for its async callback', 'The async callback is not awaited by forEach'],
  },
  {
    quote: 'cache[key] = value',
    titles: ['The cache grows without bound', 'Unbounded cache: entries are never evicted, so memory grows'],
  },
  {
    quote: 'if len(rows) > 0 { return rows[1] }',
    titles: ['Index 1 is out of range when there is one row', 'With one row the index is out of range'],
  },
  {
    quote: '<img src={photo} />',
    titles: ['The image has no alternative text', 'Image without an alt text'],
  },
  {
    quote: 'Math.random().toString(36)',
    titles: ['The token is predictable', 'Math.random makes predictable tokens, which an attacker can guess'],
  },
  {
    quote: 'user.profile.name',
    titles: ['A user without a profile crashes here', 'Crashes when the profile is missing'],
  },
  {
    quote: 'for user in users: user.orders.all()',
    titles: ['One query for each user', 'N+1 queries: every user causes a query of its own'],
  },
  {
    quote: 'timeout: 30',
    titles: [
      'The timeout is in milliseconds, not seconds',
      'The unit of the timeout is milliseconds, so 30 is far too short',
    ],
  },
  {
    quote: 'if (retries > max) throw error',
    titles: ['One retry too many', 'The comparison allows one retry more than max'],
  },
  {
    quote: 'os.chmod(path, 0o777)',
    titles: ['Everybody may write the file', 'The file becomes world-writable'],
  },
  {
    quote: 'const [first] = list.sort()',
    titles: ['sort() changes the list of the caller', "The caller's list is sorted in place"],
  },
  {
    quote: 'localStorage.setItem("token", token)',
    titles: ['The token can be read by any script', 'Any injected script can read the token from localStorage'],
  },
  {
    quote: 'yield return reader.ReadLine()',
    titles: ['ReadLine returns null at the end', 'Null is yielded when the reader is at its end'],
  },
  {
    quote: 'defer resp.Body.Close()',
    titles: ['resp is nil when the request failed', 'A failed request panics: resp is nil'],
  },
  {
    quote: 'ALTER TABLE orders ADD COLUMN note text NOT NULL',
    titles: [
      'The migration fails on tables that have rows',
      'NOT NULL without a default fails when the table has rows',
    ],
  },
  {
    quote: 'assert user.is_admin',
    titles: ['Assertions are removed with -O', 'With -O the check is gone, as Python drops assertions'],
  },
]

/** Two causes: both have to be said. */
export const otherCause: readonly Pair[] = [
  {
    quote: 'const height = box.bottom - box.top',
    titles: ['The height is never used', 'SQL is built from user input'],
  },
  {
    quote: 'for (let i = 0; i <= items.length; i++) items[i].price *= 1 - percent',
    titles: ['The loop reads past the end of the items', "The prices of the caller's own items are changed"],
  },
  {
    quote: "const user = await db.query(`select * from users where name = '${name}'`)",
    titles: ['SQL injection through the name', 'Every column is selected, the password hash too'],
  },
  {
    quote: 'fetch(url).then(save)',
    titles: [
      'A rejected promise is not handled',
      'The url comes from the user: requests to internal hosts are possible',
    ],
  },
  {
    quote: 'fetch(url).then(save)',
    titles: ['The response status is not checked', 'The request has no timeout'],
  },
  {
    quote: 'cache[key] = value',
    titles: ['The cache grows without bound', 'The key __proto__ pollutes the prototype'],
  },
  {
    quote: 'user.profile.name',
    titles: ['A user without a profile crashes here', 'The name of a user is shown to everybody'],
  },
  {
    quote: 'return a.localeCompare(b) > 0',
    titles: ['The comparator returns a boolean', 'Comparing depends on the locale of the server'],
  },
  {
    quote: 'file = open(path)',
    titles: ['The file is never closed', 'The path is not checked: files outside of the folder can be read'],
  },
  {
    quote: 'file = open(path)',
    titles: ['The file is never closed', 'The file is read with the encoding of the platform'],
  },
  {
    quote: 'const age = parseInt(input)',
    titles: ['NaN is not handled when the input is no number', 'A negative number is accepted as an age'],
  },
  {
    quote: 'mutex.Lock()',
    titles: [
      'The mutex is not unlocked on the error path',
      'The mutex is taken in another order than in Close, which can deadlock',
    ],
  },
  {
    quote: 'res.redirect(req.query.next)',
    titles: [
      'Open redirect: the target comes unchecked from the query',
      'The redirect is sent after the response has ended',
    ],
  },
  {
    quote: 'total = total + price * qty',
    titles: ['The total overflows for large carts', 'The total is rounded for each item instead of once'],
  },
  {
    quote: '<img src={photo} />',
    titles: ['The image has no alternative text', 'The image is loaded although it is below the fold'],
  },
  {
    quote: 'setInterval(poll, 1000)',
    titles: ['The interval is never cleared', 'A slow poll overlaps with the next one'],
  },
  {
    quote: 'password = request.args["password"]',
    titles: ['The password is taken from the query string', 'A missing password raises KeyError'],
  },
  {
    quote: 'items.forEach(async (item) => await save(item))',
    titles: ['forEach does not wait for its async callback', 'All items are saved at once, without a limit'],
  },
  {
    quote: 'if len(rows) > 0 { return rows[1] }',
    titles: ['Index 1 is out of range when there is one row', 'The rows are not ordered, so any row may be returned'],
  },
  {
    quote: 'timeout: 30',
    titles: ['The timeout is in milliseconds, not seconds', 'The timeout is not passed on to the second request'],
  },
  {
    quote: 'hash = md5(password + salt)',
    titles: ['MD5 is too fast for passwords', 'The salt is the same for all passwords'],
  },
  {
    quote: 'if (a.length > 0 && a[0] == b[0])',
    titles: ['b may be empty', 'Objects are compared by identity'],
  },
  {
    quote: 'user.profile.name',
    titles: ['Crashes when the user is null', 'Crashes when the profile is null'],
  },
  {
    quote: 'copy(source, target)',
    titles: ['The source is not closed', 'The target is not closed'],
  },
  {
    quote: 'if (retries > max) throw error',
    titles: ['One retry too many', 'The error hides its cause'],
  },
  {
    quote: 'os.chmod(path, 0o777)',
    titles: ['Everybody may write the file', 'Fails when the file belongs to another user'],
  },
  {
    quote: 'const [first] = list.sort()',
    titles: ['sort() changes the list of the caller', 'An empty list gives undefined'],
  },
  {
    quote: 'defer resp.Body.Close()',
    titles: ['resp is nil when the request failed', 'The body is not read to its end, so the connection is not reused'],
  },
  {
    quote: 'ALTER TABLE orders ADD COLUMN note text NOT NULL',
    titles: ['The migration fails on tables that have rows', 'The table is locked while the column is added'],
  },
  {
    quote: 'localStorage.setItem("token", token)',
    titles: ['The token can be read by any script', 'The token is never removed, also not when signing out'],
  },
  {
    quote: 'assert user.is_admin',
    titles: ['Assertions are removed with -O', 'A failed assertion answers 500 instead of 403'],
  },
]
