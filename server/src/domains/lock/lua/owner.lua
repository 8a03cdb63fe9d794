-- Returns the token and the fencing number of a lock's owner; nil when the lock is free.
local function read_owner(key) return string.match(redis.call('GET', key) or '', '^(%S+) (%d+)$') end

local function whole(number) return string.format('%.0f', number) end
