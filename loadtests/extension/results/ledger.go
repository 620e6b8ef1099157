package results

import "sync"

const ledgerPage = 4096

// entry is an accepted message: 24 octets. Times are nanoseconds on the run's clock.
type entry struct {
	intended, replied int64
	// recipients is 0 for a message that was not accepted.
	recipients, scenario uint16
}

// ledger holds every accepted message by its sequence number.
type ledger struct {
	mutex    sync.Mutex
	pages    []*[ledgerPage]entry
	messages int
	expected int
}

func newLedger() *ledger { return &ledger{} }

func (l *ledger) add(sequence uint64, accepted entry) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	number := int(sequence / ledgerPage)
	for len(l.pages) <= number {
		l.pages = append(l.pages, nil)
	}
	if l.pages[number] == nil {
		l.pages[number] = new([ledgerPage]entry)
	}
	l.pages[number][sequence%ledgerPage] = accepted
	l.messages++
	l.expected += int(accepted.recipients)
}

// at gives a message; its recipients are 0 when it was not accepted.
func (l *ledger) at(sequence uint64) entry {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	number := sequence / ledgerPage
	if number >= uint64(len(l.pages)) || l.pages[number] == nil {
		return entry{}
	}
	return l.pages[number][sequence%ledgerPage]
}

// each calls visit for every accepted message, in order of sequence. Nothing is added meanwhile.
func (l *ledger) each(visit func(sequence uint64, accepted *entry)) {
	for number, page := range l.pages {
		if page == nil {
			continue
		}
		for index := range page {
			if page[index].recipients > 0 {
				visit(uint64(number*ledgerPage+index), &page[index])
			}
		}
	}
}
