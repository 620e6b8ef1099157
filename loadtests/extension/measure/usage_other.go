//go:build !unix

package measure

import "time"

func usage() (processor time.Duration, memory int64, isKnown bool) { return 0, 0, false }
