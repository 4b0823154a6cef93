variable "W_TRANSPORT" {
  default = "sse"
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
  args = { W_TRANSPORT = "sse" }
}
