job "weather" {
  task "serve" {
    config {
      image = "weather"
      args  = ["--transport", "streamable-http"]
    }
    env {
      WEATHER_TRANSPORT = "streamable-http"
    }
  }
}
