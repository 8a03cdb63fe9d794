--- @include ./counts.lua
--- @reply ok: unread read
-- Counts the messages of other users after the caller's read mark. `read` is the read mark.

local room = read_room()
if not role_of_caller(room, now_ms()) then return { 'forbidden' } end
if not room.isConsistent then return { 'ok', '0', '0' } end
local mark = read_mark()
return { 'ok', whole(count_unread('', mark)), whole(mark) }
