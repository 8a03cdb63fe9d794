-- Returns the token and the fencing number of a lock's owner; nil when the lock is free.
local function read_owner(key) return string.match(redis.call('GET', key) or '', '^(%S+) (%d+)$') end

local function whole(number) return string.format('%.0f', number) end

-- Returns how long the owner with `token` still holds the lock, in ms; "0" when it does not hold the lock.
--- @lazy
local function remaining_ms(key, token)
  if read_owner(key) ~= token then return '0' end
  return whole(math.max(0, redis.call('PTTL', key)))
end
