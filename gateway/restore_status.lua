-- Nearer to the client: the transcoder calls most refusals UNKNOWN, so the noted status takes its place.
function envoy_on_response(handle)
  local noted = handle:streamInfo():dynamicMetadata():get("luxe")
  if noted then
    local trailers = handle:trailers()
    if trailers then
      trailers:replace("grpc-status", noted["grpc_status"])
    end
  end
end
