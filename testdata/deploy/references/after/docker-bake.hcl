variable "W_TRANSPORT" {
  default = "streamable-http"
}

target "w" {
  context = "."
  args = {
    W_TRANSPORT = W_TRANSPORT
    LABEL = "sse"
  }
}

target "fixed" {
  inherits = ["w"]
  args = { W_TRANSPORT = "streamable-http" }
}
