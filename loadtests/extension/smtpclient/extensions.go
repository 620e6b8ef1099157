package smtpclient

import (
	"strconv"
	"strings"
)

// Extensions is what a server offers in its reply to EHLO.
type Extensions struct {
	StartTLS   bool
	Pipelining bool
	Chunking   bool
	EightBit   bool
	UTF8       bool
	DSN        bool
	RequireTLS bool
	Enhanced   bool
	// Size says that SIZE is offered; MaxSize is the limit in octets, 0 when none is stated.
	Size    bool
	MaxSize int64
	// Auth lists the mechanisms in capitals.
	Auth []string
}

// parseExtensions reads the text of the reply to EHLO, whose first line is the server's name.
func parseExtensions(text string) Extensions {
	var found Extensions
	lines := strings.Split(text, "\n")
	for _, line := range lines[1:] {
		fields := strings.Fields(strings.ToUpper(line))
		if len(fields) == 0 {
			continue
		}
		keyword, parameters := fields[0], fields[1:]
		// "AUTH=LOGIN PLAIN" is how servers of the nineties said it, and some still do.
		if rest, old := strings.CutPrefix(keyword, "AUTH="); old {
			keyword, parameters = "AUTH", append([]string{rest}, parameters...)
		}
		switch keyword {
		case "STARTTLS":
			found.StartTLS = true
		case "PIPELINING":
			found.Pipelining = true
		case "CHUNKING":
			found.Chunking = true
		case "8BITMIME":
			found.EightBit = true
		case "SMTPUTF8":
			found.UTF8 = true
		case "DSN":
			found.DSN = true
		case "REQUIRETLS":
			found.RequireTLS = true
		case "ENHANCEDSTATUSCODES":
			found.Enhanced = true
		case "SIZE":
			found.Size = true
			if len(parameters) > 0 {
				if limit, err := strconv.ParseInt(parameters[0], 10, 64); err == nil && limit > 0 {
					found.MaxSize = limit
				}
			}
		case "AUTH":
			found.Auth = append(found.Auth, parameters...)
		}
	}
	return found
}

func (e Extensions) offersAuth(mechanism string) bool {
	for _, offered := range e.Auth {
		if offered == mechanism {
			return true
		}
	}
	return false
}
