--- @include ./season.lua
-- Deletes closed seasons that are no longer kept.
-- KEYS  1 board's meta  2 seasons  3... the keys of each season, 4 each
-- ARGV  1 plan of which they are no more  2... window and season of each
-- Returns {"ok"}. With another plan nothing is done: which seasons are kept is another question then.

if redis.call('HGET', KEYS[1], 'plan') ~= ARGV[1] then return { 'ok' } end
for at = 2, #ARGV, 2 do
  local field = ARGV[at] .. ' ' .. ARGV[at + 1]
  -- It may have been opened again: a window that was taken away and came back.
  if redis.call('HGET', KEYS[1], 'open:' .. ARGV[at]) ~= ARGV[at + 1] then
    redis.call('HDEL', KEYS[2], field)
    local first = 3 + (at - 2) / 2 * WINDOW_WIDTH
    redis.call('UNLINK', unpack(KEYS, first, first + WINDOW_WIDTH - 1))
  end
end
return { 'ok' }
