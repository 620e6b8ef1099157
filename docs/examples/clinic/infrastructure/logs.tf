resource "aws_cloudwatch_log_group" "mail" {
  name              = "/lakeside/mail"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.mail.arn
}

# Nobody decided how long these are kept.
resource "aws_cloudwatch_log_group" "portal" {
  name = "/lakeside/portal"
}

resource "aws_cloudwatch_log_group" "lab" {
  name              = "/lakeside/lab"
  retention_in_days = var.lab_log_days
}

# The bucket belongs to the account of the auditors.
resource "aws_cloudtrail" "clinic" {
  name                          = local.name
  s3_bucket_name                = "lakeside-trail"
  include_global_service_events = true
  is_multi_region_trail         = true
  enable_log_file_validation    = false
  kms_key_id                    = aws_kms_key.mail.arn
}
