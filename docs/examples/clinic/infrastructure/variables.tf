variable "environment" {
  type    = string
  default = "production"
}

# Who may read the message archive's key: set by the deployment, which is not part of this repository.
variable "archive_key_arn" {
  type        = string
  description = "KMS key that encrypts the message archive"
}

variable "log_retention_days" {
  type    = number
  default = 30
}

variable "database_password" {
  type      = string
  sensitive = true
}

locals {
  name = "lakeside-${var.environment}"
}
