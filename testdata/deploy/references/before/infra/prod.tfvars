transport = "sse"
label     = "sse"
