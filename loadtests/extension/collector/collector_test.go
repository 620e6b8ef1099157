package collector

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestLargeHeapsAreCollectedMoreOften(t *testing.T) {
	previous := mostPercent
	for live := uint64(1 << 20); live < 1<<30; live *= 2 {
		percent := percentFor(live)
		if percent > previous || percent < leastPercent || percent > mostPercent {
			t.Errorf("%d octets: %d %% after %d %%", live, percent, previous)
		}
		previous = percent
	}
	if percentFor(0) != mostPercent || percentFor(18<<20) != 100 || percentFor(1<<30) != leastPercent {
		t.Error(percentFor(0), percentFor(18<<20), percentFor(1<<30))
	}
}

// pace is the percentage in force.
func pace() int {
	percent := debug.SetGCPercent(mostPercent)
	debug.SetGCPercent(percent)
	return percent
}

func TestThePaceFollowsTheHeap(t *testing.T) {
	t.Setenv("GOGC", "100")
	before := pace()
	Pace()
	if pace() != before {
		t.Error("a pace that is set in the environment is changed")
	}
	follow(before)
	defer debug.SetGCPercent(before)
	held := make([]byte, 4*smallHeap)
	for until := time.Now().Add(20 * time.Second); pace() != leastPercent; time.Sleep(time.Millisecond) {
		if runtime.GC(); time.Now().After(until) {
			t.Fatalf("the pace is %d", pace())
		}
	}
	runtime.KeepAlive(held)
}
