resource "aws_route53_zone" "clinic" {
  name = "lakeside-clinic.example"
}

resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.clinic.zone_id
  name    = "lakeside-clinic.example"
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 include:amazonses.com -all"]
}

resource "aws_route53_record" "dmarc" {
  zone_id = aws_route53_zone.clinic.zone_id
  name    = "_dmarc.lakeside-clinic.example"
  type    = "TXT"
  ttl     = 3600
  records = ["v=DMARC1; p=none; rua=mailto:dmarc@lakeside-clinic.example"]
}
