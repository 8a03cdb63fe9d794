-- A ring of keys: each span of time writes to the next key, its slot. A slot expires one span before its turn
-- comes again, so it is empty then, and data lives for at least two spans less than the ring has slots.

local function slot_at(ring, number) return ring[number % #ring + 1] end

-- Calls `write(slot)` with the slot of `now`.
local function write_in_ring(ring, span_ms, now, write)
  local slot = slot_at(ring, math.floor(now / span_ms))
  local is_new = redis.call('EXISTS', slot) == 0
  write(slot)
  if is_new then redis.call('PEXPIRE', slot, span_ms * (#ring - 1)) end
end
