-- A ring is a fixed number of keys, the slots, to which scripts write in turn. Each span of time, such as a
-- minute, uses the next slot. After the last slot, the first slot follows. In a ring of N slots, a slot
-- expires N - 1 spans after the first write to it, so it is empty when its turn comes again. Data is kept for
-- at least N - 2 spans.

-- Returns the Redis keys of a ring's slots. `group_at(number)` returns a table of Redis keys by name, as
-- `slots_at(number)` in growth.lua does. `name` is the name of the slot's key in that table.
local function ring_of(count, group_at, name)
  local ring = {}
  for number = 1, count do
    ring[number] = group_at(number)[name]
  end
  return ring
end

local function slot_at(ring, number) return ring[number % #ring + 1] end

-- Calls `write(slot)` with the slot of the time `now`, and sets the slot's TTL if the call creates the slot.
local function write_in_ring(ring, span_ms, now, write)
  local slot = slot_at(ring, math.floor(now / span_ms))
  local is_new = redis.call('EXISTS', slot) == 0
  write(slot)
  if is_new then redis.call('PEXPIRE', slot, span_ms * (#ring - 1)) end
end
