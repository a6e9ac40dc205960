-- What wrk sends: the recording of bench.recording.py, its gaps filled anew on every round.
local recorded, size, number = {}, 0, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  number = tonumber(args[2])
  for one in (text .. "\0"):gmatch("([^%z]+)%z") do
    size = size + 1
    local a, b, c = one:match("^([^\1]*)\1([^\1]*)\1([^\1]*)$")
    recorded[size] = { a, b, c }
  end
end

function request()
  local turn, place = math.floor(number / size), number % size + 1
  local one = recorded[place]
  local sent = one[1] .. string.format("%03d", 100 + turn % 156) .. one[2] .. string.format("%012d", number) .. one[3]
  number = number + 1
  return sent
end

function done(summary, latency, requests)
  local errors = summary.errors
  local refused = errors.status + errors.timeout + errors.connect + errors.read + errors.write
  io.write(string.format(
    '{"seconds":%.3f,"answered":%d,"refused":%d,"p50":%.2f,"p99":%.2f,"longest":%.2f}\n',
    summary.duration / 1e6, summary.requests - errors.status, refused,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
