// netsmtp sends messages one after another over connections of their own with Go's net/smtp: what the benchmark compares
// connections per message with. Arguments: address, CA file, user, password, workers, messages.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"log"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"sync"
)

func main() {
	address, user, password := os.Args[1], os.Args[3], os.Args[4]
	host, _, _ := strings.Cut(address, ":")
	ca, err := os.ReadFile(os.Args[2])
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	workers, err := strconv.Atoi(os.Args[5])
	check(err)
	messages, err := strconv.Atoi(os.Args[6])
	check(err)
	body := []byte("Subject: x\r\n\r\n" + strings.Repeat("some text of a line that is as long as the others are, and so on\r\n", 155))
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range messages / workers {
				client, err := smtp.Dial(address)
				check(err)
				check(client.StartTLS(&tls.Config{RootCAs: roots, ServerName: host}))
				check(client.Auth(smtp.PlainAuth("", user, password, host)))
				check(client.Mail("a@a.test"))
				check(client.Rcpt("b@b.test"))
				writer, err := client.Data()
				check(err)
				_, err = writer.Write(body)
				check(err)
				check(writer.Close())
				check(client.Quit())
			}
		})
	}
	group.Wait()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
