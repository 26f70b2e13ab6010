-- Nearer to the service than the reverse transcoder: notes the gRPC status that the HTTP status stands for.
local codes = GRPC_CODES

function envoy_on_response(handle)
  local code = codes[handle:headers():get(":status")]
  if code then
    handle:streamInfo():dynamicMetadata():set("luxe", "grpc_status", code)
  end
end
