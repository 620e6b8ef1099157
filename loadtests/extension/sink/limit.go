package sink

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// What shares the bucket of a limit.
const (
	PerAll             = "all"
	PerConnection      = "connection"
	PerClient          = "client"
	PerSender          = "sender"
	PerRecipientDomain = "recipientDomain"
)

// Limit is a token bucket.
type Limit struct {
	// Rate is messages a second, or recipients where the limit is for each recipient domain.
	Rate  float64 `json:"rate"`
	Burst int     `json:"burst,omitempty"`
	Per   string  `json:"per,omitempty"`
	// Action is 421, 451 or "wait".
	Action any `json:"action,omitempty"`
}

// maxBuckets bounds what clients can make a limit remember.
const maxBuckets = 100_000

type activeLimit struct {
	Limit
	code    int // 0: wait
	applied atomic.Int64

	mutex   sync.Mutex
	buckets map[string]*rate.Limiter
}

func (l *Limit) activate() (*activeLimit, error) {
	active := &activeLimit{Limit: *l, buckets: map[string]*rate.Limiter{}}
	if l.Rate <= 0 {
		return nil, errors.New("rate must be more than 0")
	}
	if l.Burst < 0 {
		return nil, errors.New("burst cannot be negative")
	}
	active.Burst = max(active.Burst, 1)
	switch l.Per {
	case "":
		active.Per = PerAll
	case PerAll, PerConnection, PerClient, PerSender, PerRecipientDomain:
	default:
		return nil, fmt.Errorf("per %q is not known", l.Per)
	}
	switch fmt.Sprint(l.Action) {
	case "<nil>", "421":
		active.Action, active.code = 421, 421
	case "451":
		active.Action, active.code = 451, 451
	case "wait":
	default:
		return nil, fmt.Errorf(`action %v is none of 421, 451, "wait"`, l.Action)
	}
	return active, nil
}

// take asks the bucket of key for one token. It returns the code of the refusal, 0 when the message may go on.
func (l *activeLimit) take(ctx context.Context, key string) (code int) {
	bucket := l.bucket(key)
	if l.code == 0 {
		if bucket.Allow() {
			return 0
		}
		l.applied.Add(1)
		_ = bucket.Wait(ctx)
		return 0
	}
	if bucket.Allow() {
		return 0
	}
	l.applied.Add(1)
	return l.code
}

func (l *activeLimit) bucket(key string) *rate.Limiter {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	bucket := l.buckets[key]
	if bucket == nil {
		if len(l.buckets) >= maxBuckets {
			clear(l.buckets)
		}
		bucket = rate.NewLimiter(rate.Limit(l.Rate), l.Burst)
		l.buckets[key] = bucket
	}
	return bucket
}
