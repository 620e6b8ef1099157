// Package message makes the messages of a load run: exact sizes, synthetic content, unique identities, and a stamp
// from which a sink tells how long a message took. Messages share their bodies; only header fields differ.
package message

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"
)

// StampHeader names the header field that carries the stamp.
const StampHeader = "X-Load-Stamp"

// Stamp identifies a message of a run and tells when it was meant to be sent and when it was.
type Stamp struct {
	// Run names the process that sent the message; letters, digits and "-", at most 32.
	Run string
	// Sequence counts the messages of the run from 1.
	Sequence uint64
	// Intended is when an open-model arrival schedule wanted the message to leave; Sent is when it was made.
	// Both are wall-clock times in whole microseconds.
	Intended, Sent time.Time
}

var runPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

// NewRun gives the name of this process's run: the one set in the environment variable SMTP_RUN, or a random one.
func NewRun() (string, error) {
	if name := os.Getenv("SMTP_RUN"); name != "" {
		if !runPattern.MatchString(name) {
			return "", fmt.Errorf("SMTP_RUN %.40q is not 1 to 32 letters, digits and hyphens", name)
		}
		return name, nil
	}
	random := make([]byte, 6)
	_, err := rand.Read(random)
	return hex.EncodeToString(random), err
}

// AppendTo writes the value of the header field.
func (s *Stamp) AppendTo(target []byte) []byte {
	target = append(target, s.Run...)
	target = append(target, ' ')
	target = strconv.AppendUint(target, s.Sequence, 10)
	target = append(target, ' ')
	target = strconv.AppendInt(target, s.Intended.UnixMicro(), 10)
	target = append(target, ' ')
	return strconv.AppendInt(target, s.Sent.UnixMicro(), 10)
}

// AppendMessageID writes the Message-ID with its angle brackets.
func (s *Stamp) AppendMessageID(target []byte, domain string) []byte {
	target = append(target, '<')
	target = append(target, s.Run...)
	target = append(target, '.')
	target = strconv.AppendUint(target, s.Sequence, 10)
	target = append(target, '@')
	target = append(target, domain...)
	return append(target, '>')
}

// ParseStamp reads the value of the header field.
func ParseStamp(value []byte) (Stamp, error) {
	var stamp Stamp
	run, rest, _ := bytes.Cut(bytes.TrimSpace(value), []byte(" "))
	if !runPattern.Match(run) {
		return stamp, errors.New("stamp without a run")
	}
	stamp.Run = string(run)
	var numbers [3]int64
	for index := range numbers {
		var field []byte
		field, rest, _ = bytes.Cut(rest, []byte(" "))
		number, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil || number < 0 {
			return stamp, fmt.Errorf("stamp with a wrong number %.30q", field)
		}
		numbers[index] = number
	}
	stamp.Sequence = uint64(numbers[0])
	stamp.Intended, stamp.Sent = time.UnixMicro(numbers[1]), time.UnixMicro(numbers[2])
	return stamp, nil
}
