//go:build unix

package measure

import (
	"runtime"
	"syscall"
	"time"
)

// usage gives the processor time that the process has used and its largest resident memory in octets.
func usage() (processor time.Duration, memory int64, isKnown bool) {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0, 0, false
	}
	memory = int64(used.Maxrss)
	if runtime.GOOS != "darwin" && runtime.GOOS != "ios" {
		memory *= 1024
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), memory, true
}
