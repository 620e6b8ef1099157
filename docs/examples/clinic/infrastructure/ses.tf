resource "aws_sesv2_email_identity" "clinic" {
  email_identity         = "lakeside-clinic.example"
  configuration_set_name = aws_sesv2_configuration_set.results.configuration_set_name
}

# Appointment reminders and lab results.
resource "aws_sesv2_configuration_set" "results" {
  configuration_set_name = "${local.name}-results"

  delivery_options {
    tls_policy = "REQUIRE"
  }
}

# The newsletter was set up with the older API and kept its default.
resource "aws_ses_configuration_set" "newsletter" {
  name = "${local.name}-newsletter"

  delivery_options {
    tls_policy = "Optional"
  }
}

resource "aws_ses_receipt_rule" "replies" {
  name          = "replies"
  rule_set_name = "lakeside"
  recipients    = ["replies@lakeside-clinic.example"]
  enabled       = true
  tls_policy    = "Require"
}
