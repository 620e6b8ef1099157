resource "aws_kms_key" "mail" {
  description             = "Mail, attachments and logs"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_key" "exports" {
  description             = "Exports to the billing office"
  deletion_window_in_days = 7
}
