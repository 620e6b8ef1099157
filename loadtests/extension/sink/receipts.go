package sink

import (
	"bufio"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"hipaa-check/loadtests/extension/measure"
	"hipaa-check/loadtests/extension/message"
)

// Bounds on what senders can make a sink remember.
const (
	maxRuns  = 1024
	pageSize = 4096
	// maxPages allows 268 million messages a run.
	maxPages = 65536
)

// Receipt is what is known of one message that has arrived.
type Receipt struct {
	// First and Last are when the first and the last recipient's copy came, on the sink's clock.
	First, Last time.Duration
	// Recipients is how many recipients have got it, Duplicates how many copies came beyond one for each.
	Recipients, Duplicates int
}

// record is a receipt as it is kept: 24 octets.
type record struct {
	first      int64 // nanoseconds on the sink's clock plus one; 0 says that nothing came
	last       int32 // microseconds after first, at most 35 minutes
	recipient  uint32
	recipients uint16
	duplicates uint16
	several    bool // further recipients are in run.further
}

// run is everything that has come from one sender process.
type run struct {
	mutex      sync.Mutex
	pages      map[uint64]*[pageSize]record
	further    map[uint64][]uint32
	messages   int
	recipients int
	duplicates int
	endToEnd   measure.Histogram
}

// receipts are the arrivals of all runs.
type receipts struct {
	seed  maphash.Seed
	mutex sync.RWMutex
	runs  map[string]*run
}

func newReceipts() *receipts {
	return &receipts{seed: maphash.MakeSeed(), runs: map[string]*run{}}
}

func (r *receipts) run(name string) *run {
	r.mutex.RLock()
	found := r.runs[name]
	r.mutex.RUnlock()
	return found
}

func (r *receipts) runOrNew(name string) *run {
	if found := r.run(name); found != nil {
		return found
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	found := r.runs[name]
	if found == nil && len(r.runs) < maxRuns {
		found = &run{pages: map[uint64]*[pageSize]record{}, further: map[uint64][]uint32{}}
		r.runs[name] = found
	}
	return found
}

// add notes an arrival. elapsed is its time on the sink's clock, steady the wall-clock time. It returns false when the
// stamp is beyond what a sink remembers.
func (r *receipts) add(stamp *message.Stamp, recipients []string, elapsed time.Duration, steady time.Time) bool {
	of := r.runOrNew(stamp.Run)
	if of == nil {
		return false
	}
	of.mutex.Lock()
	defer of.mutex.Unlock()
	page := of.pages[stamp.Sequence/pageSize]
	if page == nil {
		if len(of.pages) >= maxPages {
			return false
		}
		page = new([pageSize]record)
		of.pages[stamp.Sequence/pageSize] = page
	}
	entry := &page[stamp.Sequence%pageSize]
	isNew := entry.recipients == 0
	for _, recipient := range recipients {
		of.note(entry, stamp.Sequence, uint32(maphash.String(r.seed, recipient)), int64(elapsed))
	}
	if isNew {
		of.messages++
		of.endToEnd.Record(steady.Sub(stamp.Intended))
	}
	return true
}

// note adds one recipient to a record.
func (of *run) note(entry *record, sequence uint64, recipient uint32, elapsed int64) {
	if entry.recipients == 0 {
		*entry = record{first: elapsed + 1, recipient: recipient, recipients: 1}
		of.recipients++
		return
	}
	known := entry.recipient == recipient
	if !known && entry.several {
		for _, other := range of.further[sequence] {
			known = known || other == recipient
		}
	}
	if known {
		entry.duplicates = min(entry.duplicates, 65534) + 1
		of.duplicates++
		return
	}
	of.further[sequence] = append(of.further[sequence], recipient)
	entry.several = true
	entry.recipients = min(entry.recipients, 65534) + 1
	entry.last = int32(min((elapsed+1-entry.first)/1000, 1<<31-1))
	of.recipients++
}

func (e *record) receipt() Receipt {
	first := time.Duration(e.first - 1)
	return Receipt{
		First: first, Last: first + time.Duration(e.last)*time.Microsecond,
		Recipients: int(e.recipients), Duplicates: int(e.duplicates),
	}
}

// each calls visit for every message of a run, in order of sequence.
func (of *run) each(visit func(sequence uint64, receipt Receipt)) {
	of.mutex.Lock()
	numbers := make([]uint64, 0, len(of.pages))
	for number := range of.pages {
		numbers = append(numbers, number)
	}
	of.mutex.Unlock()
	slices.Sort(numbers)
	for _, number := range numbers {
		of.mutex.Lock()
		page := *of.pages[number]
		of.mutex.Unlock()
		for index := range page {
			if entry := &page[index]; entry.recipients > 0 {
				visit(number*pageSize+uint64(index), entry.receipt())
			}
		}
	}
}

// Receipts calls visit for every message of a run that has arrived, in order of sequence.
func (s *Server) Receipts(name string, visit func(sequence uint64, receipt Receipt)) {
	if of := s.receipts.Load().run(name); of != nil {
		of.each(visit)
	}
}

// ReceiptsHeader is the first line of what WriteReceipts writes.
const ReceiptsHeader = "sequence,recipients,first,last,duplicates"

// WriteReceipts writes the messages of a run as CSV, times in microseconds since 1970 by a clock that does not step.
func (s *Server) WriteReceipts(target io.Writer, name string) error {
	writer := bufio.NewWriterSize(target, 64*1024)
	_, err := writer.WriteString(ReceiptsHeader + "\n")
	start := s.clock.Steady(s.clock.Start())
	s.Receipts(name, func(sequence uint64, receipt Receipt) {
		line := strconv.AppendUint(writer.AvailableBuffer(), sequence, 10)
		for _, number := range []int64{
			int64(receipt.Recipients), start.Add(receipt.First).UnixMicro(), start.Add(receipt.Last).UnixMicro(), int64(receipt.Duplicates),
		} {
			line = strconv.AppendInt(append(line, ','), number, 10)
		}
		_, err = writer.Write(append(line, '\n'))
	})
	if err != nil {
		return err
	}
	return writer.Flush()
}
