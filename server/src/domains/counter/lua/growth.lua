--- @include ./ring.lua
--- @keys slots[]: growth
-- The growth of counters: a ring of ZSETs, one per five minutes. Twelve of them and the present one make up
-- the last hour.

local SPAN_MS = 300000
local SPANS = 12

local function growth_ring() return ring_of(slots_count, slots_at, 'growth') end
