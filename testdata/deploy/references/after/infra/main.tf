variable "transport" {
  type    = string
  default = "streamable-http"
}
variable "label" {
  default = "sse"
}
resource "google_cloud_run_v2_service" "w" {
  template {
    containers {
      image = "ghcr.io/acme/weather-mcp:1"
      env {
        name  = "W_TRANSPORT"
        value = var.transport
      }
      env {
        name  = "LABEL"
        value = var.label
      }
    }
  }
}
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([{
    image = "ghcr.io/acme/weather-mcp:1"
    environment = [{ name = "W_TRANSPORT", value = var.transport }]
  }])
}
