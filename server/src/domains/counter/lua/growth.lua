--- @include ./ring.lua
--- @keys slots[]: growth
-- The growth of counters is in a ring of ZSETs, the slots (ring.lua). Each slot is for five minutes; `growth`
-- is the Redis key of one slot. The last hour consists of the current slot, the eleven slots before it, and a
-- part of the slot before those eleven.

local SPAN_MS = 300000
local SPANS = 12

local function growth_ring() return ring_of(slots_count, slots_at, 'growth') end
