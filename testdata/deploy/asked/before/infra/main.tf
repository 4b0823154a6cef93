variable "transport" { default = "sse" }
resource "aws_ecs_task_definition" "e" {
  container_definitions = jsonencode([{
    name = "e"
    image = "${aws_ecr_repository.e.repository_url}:latest"
    environment = [{ name = "MCP_TRANSPORT", value = "sse" }]
    healthCheck = { command = ["CMD-SHELL", "curl -f http://localhost:8000/sse || exit 1"] }
  }])
}
resource "aws_lb_target_group" "e" {
  port = 8000
  health_check { 
    path = "/sse" 
    matcher = "200"
  }
  stickiness { 
    type = "lb_cookie"
  }
}
resource "aws_lb_listener_rule" "e" {
  condition { 
    path_pattern { values = ["/sse", "/messages/*"] } 
  }
}
output "url" { value = "http://${aws_lb.e.dns_name}/sse" }
