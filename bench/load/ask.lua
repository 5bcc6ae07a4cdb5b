-- Asks the addresses of a file (first argument), each thread beginning elsewhere; tells its figures as one line of JSON.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  paths, at, bad = {}, 0, 0
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  at = (number * 7919) % #paths
end

function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], { ["Accept-Encoding"] = "gzip", ["Host"] = wrk.host .. ":" .. wrk.port })
end

function response(status, headers, body)
  if status ~= 200 and status ~= 204 then bad = bad + 1 end
end

function done(summary, latency, requests)
  local bad = 0
  for _, thread in ipairs(threads) do bad = bad + thread:get("bad") end
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'FIGURES {"requests": %d, "seconds": %.3f, "bytes": %d, "p50_ms": %.2f, "p99_ms": %.2f, "most_ms": %.2f, "not_ok": %d, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, bad, failed))
end
