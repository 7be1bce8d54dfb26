"""What Redis does with leases: one script an operation, each whole or not at all.

A subject's leases are a sorted set `{slotkeeper:INSTALLATION}:SUBJECT`, its members scored by when they run out; the
part in braces puts all keys of a salon into one slot of a cluster. A member is START|END|GRANTED|OWNER. Times are
seconds since 1970, written with 17 digits so that they come back as they were; an empty "now" means Redis' own clock,
which all machines share. A set that is not touched again goes by itself.
"""

from __future__ import annotations

_NOW = """
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] + time[2] / 1000000
end
local text = string.format('%.17g', now)
"""

RESERVE = (
    _NOW
    + """
local till, tail = now + ARGV[2], '|' .. text .. '|' .. ARGV[3]
local held, busy, longest = {}, nil, 0
for k, key in ipairs(KEYS) do
  held[k] = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  if held[k][2] and tonumber(held[k][2]) <= now then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', text)
    held[k] = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  end
end
for a = 4, #ARGV, 3 do
  local k, first, last = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
  local members = held[k]
  for m = 1, #members, 2 do
    local from, to, who = string.match(members[m], '^([^|]*)|([^|]*)|[^|]*|(.*)$')
    if tonumber(from) < last and first < tonumber(to) and tonumber(members[m + 1]) > longest then
      longest = tonumber(members[m + 1])
      busy = {text, who, members[m + 1], k, from, to}
    end
  end
end
if busy then
  return busy
end
for a = 4, #ARGV, 3 do
  redis.call('ZADD', KEYS[tonumber(ARGV[a])], till, ARGV[a + 1] .. '|' .. ARGV[a + 2] .. tail)
end
for k, key in ipairs(KEYS) do
  local last = held[k][#held[k]]
  redis.call('PEXPIRE', key, math.ceil((math.max(till, last or 0) - now) * 1000))
end
return {text}
"""
)
"""KEYS: the subjects. ARGV: now, ttl, owner, then for each claim the number of its key, start and end. Gives now, and
where somebody holds some of it, who (the one who holds it longest), until when, which key, from and to."""

EXTEND = (
    _NOW
    + """
local till = now + ARGV[2]
for a = 3, #ARGV, 2 do
  local ends = redis.call('ZSCORE', KEYS[tonumber(ARGV[a])], ARGV[a + 1])
  if not ends or tonumber(ends) <= now then
    return {text}
  end
end
for a = 3, #ARGV, 2 do
  redis.call('ZADD', KEYS[tonumber(ARGV[a])], till, ARGV[a + 1])
end
for _, key in ipairs(KEYS) do
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  redis.call('PEXPIRE', key, math.ceil((last - now) * 1000))
end
return {text}
"""
)
"""KEYS: the subjects. ARGV: now, ttl, then for each claim the number of its key and its member. Gives now; what ran out
or is forgotten stays so."""

FREE = """
for a = 1, #ARGV, 2 do
  redis.call('ZREM', KEYS[tonumber(ARGV[a])], ARGV[a + 1])
end
"""
"""KEYS: the subjects. ARGV: for each claim the number of its key and its member. No other lease is touched."""
