--- @keys erased
--- @args user keepMs
-- Lets record-trace.lua refuse the records that name an erased user and still wait on a node.

redis.call('SADD', ERASED_KEY, redis.sha1hex(user))
redis.call('PEXPIRE', ERASED_KEY, keep_ms)
return { 'ok' }
