resource "aws_ecs_task_definition" "weather" {
  container_definitions = jsonencode([{
    image       = "registry.example.org/weather:1"
    command     = ["weather", "--transport", "sse"]
    environment = [{ name = "WEATHER_TRANSPORT", value = "sse" }, { name = "LEVEL", value = "sse" }]
    healthCheck = { command = ["CMD-SHELL", "curl -f http://localhost:8000/sse || exit 1"] }
  }])
}

resource "docker_container" "other" {
  image = "registry.example.org/other:1" # WEATHER_TRANSPORT = "sse"
  args  = ["--transport", "sse"]
}

output "url" {
  value = "http://localhost:8000/sse"
}
