# Staff who read mail in the browser.
resource "aws_cognito_user_pool" "staff" {
  name              = "${local.name}-staff"
  mfa_configuration = "OPTIONAL"

  software_token_mfa_configuration {
    enabled = true
  }

  password_policy {
    minimum_length = 14
  }
}

# Written on the first day, so that nobody is held up.
resource "aws_iam_policy" "operations" {
  name = "${local.name}-operations"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "*"
      Resource = "*"
    }]
  })
}

resource "aws_iam_group" "operators" {
  name = "${local.name}-operators"
}

resource "aws_iam_group_policy_attachment" "operators" {
  group      = aws_iam_group.operators.name
  policy_arn = aws_iam_policy.operations.arn
}
