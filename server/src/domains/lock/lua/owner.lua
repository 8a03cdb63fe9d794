-- The owner of a lock: token and fencing number, or nil.
local function read_owner(key) return string.match(redis.call('GET', key) or '', '^(%S+) (%d+)$') end

local function whole(number) return string.format('%.0f', number) end
