resource "aws_lb_listener_rule" "weather" {
  condition {
    path_pattern {
      values = ["/sse*", "/messages/*"]
    }
  }
}
resource "aws_lb_target_group" "weather" {
  port = 8000
  stickiness {
    type = "lb_cookie"
  }
  health_check {
    path = "/sse"
  }
}
