--- @include ./reading.lua
-- The entries around a score, whether somebody has it or not.
-- KEYS, ARGV 1-6  reading.lua
-- ARGV  7 score  8 subscore  9 radius
-- Returns {"ok", the rank from 1 that a new entry with this score would have, total, ...}: behind that rank as a page
-- (pages.lua); or what reading.lua says.

local order, season, rule = reading()
if not order then return season end
local score = string.format('%.17g', tonumber(ARGV[7]) + 0)
-- Whoever comes now is behind all who have been there.
local place = place_of(order, tonumber(ARGV[8]), MAX_SEQUENCE)
local rank = rank_at(order, season.ranking, score, place)
local reply = page_around(rule, order, season, rank, tonumber(ARGV[9]))
table.insert(reply, 2, string.format('%.0f', rank_under(rule, order, season, rank, score, place) + 1))
return reply
