transport = "streamable-http"
label     = "sse"
