-- A ring of keys for what is kept by time: each key, a slot, takes what comes in one span of time, and the next key
-- the next. A slot lives from its first write on for all spans but one, so whatever is written stays for at least two
-- spans less than the ring has, and a slot is empty when its turn comes again.

local function slot_at(ring, number) return ring[number % #ring + 1] end

-- Calls `write(slot)` with the slot that `now` belongs to.
local function write_in_ring(ring, span_ms, now, write)
  local slot = slot_at(ring, math.floor(now / span_ms))
  local is_new = redis.call('EXISTS', slot) == 0
  write(slot)
  if is_new then redis.call('PEXPIRE', slot, span_ms * (#ring - 1)) end
end
