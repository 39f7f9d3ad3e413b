// What never leaves: passwords, and signs that steer a terminal.

import { describe, expect, test } from '@jest/globals'
import { escapeControls, maskSecrets } from '../../src/core/secrets.js'
import { randomNumbers } from '../support/random.js'

describe('a password is masked', () => {
  test.each([
    ['postgres://bob:hunter2@h:5432/db', 'postgres://bob:***@h:5432/db'],
    ['cannot reach "mysql://bob:hunter2@h/db" now', 'cannot reach "mysql://bob:***@h/db" now'],
    ['redis://:hunter2@h', 'redis://:***@h'],
    ['postgres+ssl://bob:hunter2@h', 'postgres+ssl://bob:***@h'],
    ['POSTGRES://Bob:hunter2@h', 'POSTGRES://Bob:***@h'],
    ['a postgres://x:hunter2@h b mysql://y:hunter2@i c', 'a postgres://x:***@h b mysql://y:***@i c'],
    ['postgres://bob:hunter two@h/db', 'postgres://bob:***@h/db'],
    ['http://h:3000 and http://h:80/x: ask bob@h', 'http://h:3000 and http://h:80/x: ask bob@h'],
    ['password=hunter2', 'password=***'],
    ['host=h password=hunter2 user=bob', 'host=h password=*** user=bob'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=*** psql'],
    ['MYSQL_PASSWORD=hunter2', 'MYSQL_PASSWORD=***'],
    ['DB_PASSWORD: hunter2', 'DB_PASSWORD: ***'],
    [`{ password: 'hunter2', user: 'bob' }`, `{ password: ***, user: 'bob' }`],
    [`{"password":"hunter2","user":"bob"}`, `{"password":***,"user":"bob"}`],
    [`{"password": "hun\\"ter2", "user": "bob"}`, `{"password": ***, "user": "bob"}`],
    [`dbPassword: 'hunter2'`, 'dbPassword: ***'],
    ['?user=bob&password=hunter2&ssl=1', '?user=bob&password=***&ssl=1'],
    ['?pwd=hunter2', '?pwd=***'],
    ['passwd = hunter2', 'passwd = ***'],
    ['access_token=hunter2', 'access_token=***'],
    ['client_secret: hunter2', 'client_secret: ***'],
    ['api_key=hunter2 apikey=hunter2 API_KEY=hunter2', 'api_key=*** apikey=*** API_KEY=***'],
    ['sslkey=hunter2', 'sslkey=***'],
    ['(password=hunter2)', '(password=***)'],
    [`alter role bob password 'hunter2'`, `alter role bob password '***'`],
    [`alter role bob password E'hunter2' in role x`, `alter role bob password E'***' in role x`],
    [`alter role bob password $$hunter2$$`, `alter role bob password $$***$$`],
    [`alter role bob password $a$hunter2$a$ login`, `alter role bob password $a$***$a$ login`],
    [`alter role bob password /* the new one */ 'hunter2'`, `alter role bob password /* the new one */ '***'`],
    [`alter role bob password -- new\n U&'hunter2'`, `alter role bob password -- new\n U&'***'`],
    [`create user bob identified by "hunter2" require x`, `create user bob identified by "***" require x`],
    [`create user bob identified by 'hun\\'ter2', ann`, `create user bob identified by '***', ann`],
    [
      `alter user bob identified via mysql_native_password using password('hunter2')`,
      `alter user bob identified via mysql_native_password using password('***')`,
    ],
    [`create user bob identified via ed25519 using 'hunter2'`, `create user bob identified via ed25519 using '***'`],
    [`create user bob identified with p as 'hunter2'`, `create user bob identified with p as '***'`],
    [`alter user bob identified by 'hunter2' replace 'old'`, `alter user bob identified by '***' replace '***'`],
    [`set password for bob = 'hunter2'`, `set password for bob = '***'`],
    [`set password for 'bob'@'%' = password('hunter2')`, `set password for 'bob'@'%' = password('***')`],
    [`set password = "hunter2"; select 'x'`, `set password = ***; select 'x'`],
    [`near 'identified by 'hunter2' to'`, `near 'identified by '***' to'***'`],
    [`create user bob identified by 'hunter2`, `create user bob identified by '***'`],
    [`create user bob identified by 'hun''ter2'`, `create user bob identified by '***'`],
    [
      `CREATE USER bob IDENTIFIED WITH caching_sha2_password BY 'hunter2'`,
      `CREATE USER bob IDENTIFIED WITH caching_sha2_password BY '***'`,
    ],
  ])('%s', (text, expected) => expect(maskSecrets(text)).toBe(expected))

  test.each([
    '@',
    ':',
    '/',
    '%',
    '?',
    '#',
    '&',
    '@@',
    'a@b:c/d',
    '%40',
    '%zz',
    '"',
    "'",
    '`',
    '\\',
    ',',
    ';',
    '(',
    ']',
    '$&',
    '€',
    '😀',
    '***',
    '=',
    '//',
    '://',
  ])('that holds %s, in a URL', (sign) => {
    const masked = maskSecrets(`postgres://bob:hun${sign}ter2@db.example.org/shop`)
    expect(masked).toBe('postgres://bob:***@db.example.org/shop')
  })

  test.each([',', ';', ')', '}', "'", '"', '@', ':', '/', '%', '=', '#', '?'])('that holds %s, after a key', (sign) => {
    expect(maskSecrets(`host=h password=hun${sign}ter2 user=bob`)).toBe('host=h password=*** user=bob')
  })

  test('wherever it stands in random text', () => {
    const random = randomNumbers(3)
    const signs = [...'ab:/@%?#=.,;-_+~!*()[]{}<>|^$äß😀']
    for (let round = 0; round < 500; round++) {
      const noise = () => Array.from({ length: 6 }, () => signs[Math.floor(random() * signs.length)]).join('')
      const masked = maskSecrets(
        `${noise()} mysql://bob:${noise()}HUNTER2${noise()}@h/db ${noise()} password=${noise()}HUNTER2`,
      )
      expect(masked).not.toContain('HUNTER2')
    }
  })
})

test.each([
  'postgres://db.example.org:5432/shop',
  'http://localhost:3000/path',
  'password authentication failed for user "bob"',
  'write to me@example.org',
  'sqlite:./mig.sqlite3',
  'create table users (id integer, password text)',
  '',
])('%j has no secret and stays', (text) => expect(maskSecrets(text)).toBe(text))

test('a long text without a secret costs no more than reading it a few times', () => {
  for (const piece of [
    'a-',
    "password '",
    'identified with ',
    'x://a:',
    'password ',
    '"',
    'a.b',
    "password='",
    'token=',
  ])
    expect(maskSecrets(piece.repeat(50_000)).length).toBeGreaterThan(0)
})

describe('control characters are made visible', () => {
  test.each([
    ['\u001B[31mred\u001B[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['\u001B]0;title\u0007', '\\u{1b}]0;title\\u{7}'],
    ['\u009B31m', '\\u{9b}31m'],
    ['a\rb', 'a\\u{d}b'],
    ['a\bb', 'a\\u{8}b'],
    ['nul\0', 'nul\\u{0}'],
    ['\u007F', '\\u{7f}'],
    ['\u202Egnp.exe', '\\u{202e}gnp.exe'],
    ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['\u200Fx\u200E', '\\u{200f}x\\u{200e}'],
    ['\u061Cx', '\\u{61c}x'],
    ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ])('%j', (text, expected) => expect(escapeControls(text)).toBe(expected))

  test.each(['two\nlines\tand a tab', 'äöü 漢字 😀 👨‍👩‍👧', '│├┘┐─ … “quotes”', ''])('%j stays', (text) =>
    expect(escapeControls(text)).toBe(text),
  )

  test('none is left of all that there are', () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('')
    // eslint-disable-next-line no-control-regex -- these are what must be gone
    expect(escapeControls(all)).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/)
  })
})
