resource "aws_kms_key" "mail" {
  description             = "Mail and attachments"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_key" "exports" {
  description             = "Exports to the billing office"
  deletion_window_in_days = 7
}

# Attachments of outgoing mail.
resource "aws_s3_bucket" "attachments" {
  bucket = "${local.name}-attachments"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "attachments" {
  bucket = aws_s3_bucket.attachments.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.environment == "production" ? "aws:kms" : "AES256"
      kms_master_key_id = aws_kms_key.mail.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "attachments" {
  bucket                  = aws_s3_bucket.attachments.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "attachments" {
  bucket = aws_s3_bucket.attachments.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "attachments" {
  bucket = aws_s3_bucket.attachments.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyEncryptedConnections"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.attachments.arn, "${aws_s3_bucket.attachments.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# Every message that was sent, for six years. The key comes from the deployment.
resource "aws_s3_bucket" "archive" {
  bucket = "${local.name}-archive"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.archive_key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id

  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_db_instance" "patients" {
  identifier              = "${local.name}-patients"
  engine                  = "postgres"
  instance_class          = "db.t4g.medium"
  allocated_storage       = 100
  username                = "clinic"
  password                = var.database_password
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.mail.arn
  backup_retention_period = 14
  publicly_accessible     = false
}

# Copied from a tutorial, and still in use by the front desk.
resource "aws_db_instance" "appointments" {
  identifier          = "${local.name}-appointments"
  engine              = "mysql"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "admin"
  password            = "Lakeside2019!"
  publicly_accessible = true
}
