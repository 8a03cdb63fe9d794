-- A ring of keys: each span of time writes to the next key, its slot. A slot expires one span before its turn
-- comes again, so it is empty then, and data lives for at least two spans less than the ring has slots.

-- The ring whose slots are the key `name` of the groups that `group_at(1)` to `group_at(count)` return.
local function ring_of(count, group_at, name)
  local ring = {}
  for number = 1, count do
    ring[number] = group_at(number)[name]
  end
  return ring
end

local function slot_at(ring, number) return ring[number % #ring + 1] end

-- Calls `write(slot)` with the slot of `now`.
local function write_in_ring(ring, span_ms, now, write)
  local slot = slot_at(ring, math.floor(now / span_ms))
  local is_new = redis.call('EXISTS', slot) == 0
  write(slot)
  if is_new then redis.call('PEXPIRE', slot, span_ms * (#ring - 1)) end
end
