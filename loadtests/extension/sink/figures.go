package sink

import (
	"bytes"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hipaa-check/loadtests/extension/measure"
	"hipaa-check/loadtests/extension/message"
)

// mostSamples is how many headers are kept to be looked at.
const mostSamples = 3

// maxSampleHeader bounds a header that is kept.
const maxSampleHeader = 8 * 1024

// figures are what a sink counts.
type figures struct {
	sessions, refused, atOnce, authenticated     atomic.Int64
	messages, recipients, octets, plaintext      atomic.Int64
	unstamped, listUnsubscribe, oneClick, faulty atomic.Int64
	queued                                       atomic.Int64
	mutex                                        sync.Mutex
	tls                                          map[string]int64
	seconds                                      []int64
	service                                      measure.Histogram
	samples                                      []Sample
}

// Sample is the envelope and header of one message.
type Sample struct {
	From   string   `json:"from"`
	To     []string `json:"to"`
	TLS    string   `json:"tls"`
	Header string   `json:"header"`
}

func (f *figures) opened(open int) {
	f.sessions.Add(1)
	for {
		most := f.atOnce.Load()
		if int64(open) <= most || f.atOnce.CompareAndSwap(most, int64(open)) {
			return
		}
	}
}

func (f *figures) secured(version string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.tls == nil {
		f.tls = map[string]int64{}
	}
	f.tls[version]++
}

func (f *figures) served(duration time.Duration) {
	f.mutex.Lock()
	f.service.Record(duration)
	f.mutex.Unlock()
}

func (f *figures) queueID() string { return strconv.FormatInt(f.queued.Add(1), 36) }

// reset forgets everything but the sessions, which go on.
func (f *figures) reset() {
	for _, counter := range []*atomic.Int64{
		&f.messages, &f.recipients, &f.octets, &f.plaintext, &f.unstamped, &f.listUnsubscribe, &f.oneClick, &f.faulty,
	} {
		counter.Store(0)
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.seconds, f.service, f.samples = nil, measure.Histogram{}, nil
}

// receive counts a message that has arrived.
func (s *Server) receive(from *session, arrived time.Time) {
	f := &s.figures
	found := from.content.traits()
	f.messages.Add(1)
	f.recipients.Add(int64(len(from.recipients)))
	f.octets.Add(from.content.octets)
	if from.tlsState == nil {
		f.plaintext.Add(1)
	}
	if found.listUnsubscribe {
		f.listUnsubscribe.Add(1)
	}
	if found.oneClick {
		f.oneClick.Add(1)
	}
	if !s.note(from, found.stamp, arrived) {
		f.unstamped.Add(1)
	}
	second := int(s.clock.Elapsed(arrived) / time.Second)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for len(f.seconds) <= second {
		f.seconds = append(f.seconds, 0)
	}
	f.seconds[second]++
	if len(f.samples) < mostSamples {
		header := from.content.header
		f.samples = append(f.samples, Sample{
			From: from.sender, To: append([]string{}, from.recipients...), TLS: from.tlsVersion,
			Header: string(bytes.ToValidUTF8(header[:min(len(header), maxSampleHeader)], []byte("?"))),
		})
	}
}

// note puts a message on its sender's account: by the stamp in its header, else by that in its recipients.
func (s *Server) note(from *session, stamped []byte, arrived time.Time) bool {
	receipts, elapsed, steady := s.receipts.Load(), s.clock.Elapsed(arrived), s.clock.Steady(arrived)
	if stamp, err := message.ParseStamp(stamped); err == nil {
		return receipts.add(&stamp, from.recipients, elapsed, steady)
	}
	noted := false
	for _, recipient := range from.recipients {
		if stamp, err := message.ParseRecipient(recipient); err == nil {
			noted = receipts.add(&stamp, []string{recipient}, elapsed, steady) || noted
		}
	}
	return noted
}
