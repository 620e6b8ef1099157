resource "aws_db_instance" "patients" {
  identifier                      = "${local.name}-patients"
  engine                          = "postgres"
  engine_version                  = "16.4"
  instance_class                  = "db.t4g.medium"
  allocated_storage               = 100
  username                        = "clinic"
  password                        = var.database_password
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.mail.arn
  backup_retention_period         = 14
  publicly_accessible             = false
  enabled_cloudwatch_logs_exports = ["postgresql"]
}

# Copied from a tutorial, and still in use by the front desk.
resource "aws_db_instance" "appointments" {
  identifier          = "${local.name}-appointments"
  engine              = "mysql"
  engine_version      = "8.0"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  username            = "admin"
  password            = "Lakeside2019!"
  publicly_accessible = true
}
