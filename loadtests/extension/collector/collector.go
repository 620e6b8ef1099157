// Package collector paces Go's garbage collector for load runs: seldom while the heap is small, when a collection would cost as
// much as sending hundreds of messages, and often when it is large. k6 keeps every sample of a run, twice; with Go's usual pace,
// which lets the heap double, a run of half a million messages takes a third more memory than it needs.
package collector

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// smallHeap is what the heap may grow to before anything is collected.
	smallHeap = 36 << 20
	// leastPercent is the growth of a large heap between two collections; mostPercent that of a tiny one.
	leastPercent, mostPercent = 25, 400
	// noticeable keeps small changes from stopping the world.
	noticeable = 10
)

// Pace sets the pace after each collection from now on, unless the environment variable GOGC has set one.
func Pace() {
	if _, isSet := os.LookupEnv("GOGC"); isSet {
		return
	}
	debug.SetGCPercent(mostPercent)
	follow(mostPercent)
}

// collected is garbage at once, so that its finalizer tells that a collection has ended.
type collected struct {
	percent int
	// With a pointer in it, it does not share its memory with others that live on.
	_ *collected
}

func follow(percent int) {
	runtime.SetFinalizer(&collected{percent: percent}, func(c *collected) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		wanted := percentFor(live[0].Value.Uint64())
		if difference := wanted - c.percent; difference < -noticeable || difference > noticeable {
			debug.SetGCPercent(wanted)
			c.percent = wanted
		}
		follow(c.percent)
	})
}

// percentFor gives the growth after which a heap with so many live octets is collected.
func percentFor(live uint64) int {
	if live == 0 {
		return mostPercent
	}
	free := (float64(smallHeap) - float64(live)) / float64(live) * 100
	return int(min(max(free, leastPercent), mostPercent))
}
