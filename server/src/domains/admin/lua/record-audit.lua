--- @include ../../../redis/lua/clock.lua
--- @keys audit
--- @args keyName address operation input outcome keepMs maxEntries
-- Appends to the audit log, and drops most entries that are older than `keep_ms` or exceed `max_entries`
-- (`~` trims whole blocks of entries only).

local oldest = string.format('%.0f', now_ms() - keep_ms)
redis.call(
  'XADD',
  AUDIT_KEY,
  'MAXLEN',
  '~',
  max_entries,
  '*',
  'key',
  key_name,
  'address',
  address,
  'operation',
  operation,
  'input',
  input,
  'outcome',
  outcome
)
redis.call('XTRIM', AUDIT_KEY, 'MINID', '~', oldest)
redis.call('PEXPIRE', AUDIT_KEY, keep_ms)
return { 'ok' }
