job "weather" {
  task "serve" {
    config {
      image = "weather"
      args  = ["--transport", "sse"]
    }
    env {
      WEATHER_TRANSPORT = "sse"
    }
  }
}
