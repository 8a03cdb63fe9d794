--- @include ./ring.lua
-- What counters grew by: a ring of ZSETs, one for each five minutes. Twelve of them and the one under way make up the
-- last hour.

local SPAN_MS = 300000
local SPANS = 12
