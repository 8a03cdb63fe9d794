--- @keys erased
--- @args user keepMs
-- Makes record-trace.lua drop records that name an erased user, because nodes may still have such records in
-- memory and write them after the erasure.

redis.call('SADD', ERASED_KEY, redis.sha1hex(user))
redis.call('PEXPIRE', ERASED_KEY, keep_ms)
return { 'ok' }
