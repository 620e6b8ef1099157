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
	"strconv"
	"strings"
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

// isRun says whether a name can be that of a run.
func isRun[T string | []byte](name T) bool {
	for index := range len(name) {
		c := name[index]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return len(name) >= 1 && len(name) <= 32
}

// NewRun gives the name of this process's run: the one set in the environment variable SMTP_RUN, or a random one.
func NewRun() (string, error) {
	if name := os.Getenv("SMTP_RUN"); name != "" {
		if !isRun(name) {
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
	return parse(bytes.TrimSpace(value), ' ')
}

// RecipientPrefix begins the address of a recipient that carries the stamp, for senders that set no header fields:
// load+RUN.SEQUENCE.INTENDED.SENT@domain.
const RecipientPrefix = "load+"

// ParseRecipient reads the stamp in the address of a recipient.
func ParseRecipient(address string) (Stamp, error) {
	local, _, _ := strings.Cut(address, "@")
	stamp, isStamped := strings.CutPrefix(local, RecipientPrefix)
	if !isStamped {
		return Stamp{}, errors.New("recipient without a stamp")
	}
	return parse([]byte(stamp), '.')
}

// parse reads the four fields of a stamp.
func parse(text []byte, separator byte) (Stamp, error) {
	var stamp Stamp
	run, rest, _ := bytes.Cut(text, []byte{separator})
	if !isRun(run) {
		return stamp, errors.New("stamp without a run")
	}
	var numbers [3]uint64
	for index := range numbers {
		var field []byte
		field, rest, _ = bytes.Cut(rest, []byte{separator})
		number, err := strconv.ParseUint(string(field), 10, 63)
		if err != nil {
			return stamp, fmt.Errorf("stamp with a wrong number %.30q", field)
		}
		numbers[index] = number
	}
	stamp.Run, stamp.Sequence = string(run), numbers[0]
	stamp.Intended, stamp.Sent = time.UnixMicro(int64(numbers[1])), time.UnixMicro(int64(numbers[2]))
	return stamp, nil
}
