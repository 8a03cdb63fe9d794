-- A notice in the list is a JSON array of strings: {offset, id, name, data, sentAt in ms}. `data` is JSON, or
-- "" if the notice has no data.

local function has_expired(encoded, now, ttl_ms) return tonumber(cjson.decode(encoded)[5]) < now - ttl_ms end
