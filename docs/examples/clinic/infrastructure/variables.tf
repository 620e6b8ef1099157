variable "environment" {
  type    = string
  default = "production"
}

variable "log_retention_days" {
  type    = number
  default = 30
}

# The three below are set by the deployment, which is not part of this repository.

variable "own_key_for_attachments" {
  type        = bool
  description = "Encrypt attachments with the clinic's own key in place of one that S3 holds"
}

variable "lab_log_days" {
  type        = number
  description = "How long the laboratory's interface keeps its log"
}

variable "database_password" {
  type      = string
  sensitive = true
}

locals {
  name = "lakeside-${var.environment}"
}
