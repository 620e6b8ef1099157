resource "aws_route53_zone" "clinic" {
  name = "lakeside-clinic.example"
}

# Answers of patients arrive at Amazon SES.
resource "aws_route53_record" "mx" {
  zone_id = aws_route53_zone.clinic.zone_id
  name    = "lakeside-clinic.example"
  type    = "MX"
  ttl     = 3600
  records = ["10 inbound-smtp.us-east-1.amazonaws.com"]
}

resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.clinic.zone_id
  name    = "lakeside-clinic.example"
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 include:amazonses.com -all"]
}

# The trial of two weeks that began in 2023.
resource "aws_route53_record" "dmarc" {
  zone_id = aws_route53_zone.clinic.zone_id
  name    = "_dmarc.lakeside-clinic.example"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DMARC1; p=none; rua=mailto:dmarc@lakeside-clinic.example"]
}

resource "aws_route53_record" "dkim_relay" {
  zone_id = aws_route53_zone.clinic.zone_id
  name    = "relay2026._domainkey.lakeside-clinic.example"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5kxyCIIjcxqSJ5rqL7iGTEpNLnS49HQ9HbyOrHPsgddsOMud0I4q8ueYCXG3UNHHtYvMAgllBSiPmMZx9SpZAsyyJEToU30Z/zEm7C4+K7ncUJYZRpLK4/hptaeFoRNSFu1FN+QZJDkwi2FEiDr45oVgCz1vjY7TkkcU2eOuzlC+Ig9yS7fE6oqcTQEZ\"\"iPW15e/8vzAzTKaBAIwg2WJoSE8tXd8EEJ81iSThZcZRoFaQTP4NH62xD8HLIpfXFF4zZwp6ybWK9XHrbKwHUuZ79dHGdwmnSOi7iYNlbl7VjAdnyHFEyllGsR7RMnIdXVUBSdaowE7Fw0xx5s04Sa3RFQIDAQAB"]
}

# The billing program signs with this one.
resource "aws_route53_record" "dkim_billing" {
  zone_id = aws_route53_zone.clinic.zone_id
  name    = "billing2014._domainkey.lakeside-clinic.example"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDUUyN17OpZntLgkuArEWdqmS4CRuquXZOSVlxj4RR4LR01ySx5LZ0+fSd9cmlkZU87UNtIl73lkbfJhM1Ab+P+2rUKsz/TYY48rLfSmMm+TQ21FlTp0/EAXne+cODnADI7iKLdoiAkux3FwsbbFcUYSqEBlHvsHuEFLhuqYXW6PwIDAQAB"]
}
