-- A board's rules.
-- KEYS  1 board's meta  2 ranking
-- Returns {"ok", total, name, value, name, value, ...}, or {"not_found"}.

local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then return { 'not_found' } end
return { 'ok', tostring(redis.call('ZCARD', KEYS[2])), unpack(fields) }
