--- @include ./read.lua
--- @args offset limit
--- @reply ok: position order total first firstUnder hasMore rows
-- Reads a page of entries by offset. page() in pages.lua makes the reply and describes its parts.

local order, season = begin_read()
if not order then return season end
return page(order, season, tonumber(offset), offset + limit - 1)
