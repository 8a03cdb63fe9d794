-- A notice in the list is a JSON array of strings: {offset, id, name, data, sentAt in ms}; `data` is "" for none.

-- Whether a notice is too old to be read.
local function is_outdated(encoded, now, kept_ms)
  return tonumber(cjson.decode(encoded)[5]) < now - kept_ms
end
