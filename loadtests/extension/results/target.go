package results

import (
	"maps"
	"strings"
	"sync"

	"crypto/tls"
)

// Target is one way of sending: a server with the options of its sessions.
type Target struct {
	Host, TLS, Auth           string
	Port, Sessions            int
	Pipelining, Chunking      bool
	ConnectPerMessage, Resume bool
	AtOnce                    func() int

	mutex                        sync.Mutex
	opened, reconnects           int64
	resumed, failed              int64
	versions, ciphers, exchanges map[string]int64
}

// TargetReport is a target as it is reported. It never holds credentials.
type TargetReport struct {
	Host              string           `json:"host"`
	Port              int              `json:"port"`
	TLS               string           `json:"tls"`
	Auth              string           `json:"auth"`
	Pipelining        bool             `json:"pipelining"`
	Chunking          bool             `json:"chunking"`
	Sessions          int              `json:"sessions"`
	ConnectPerMessage bool             `json:"connectPerMessage"`
	Resume            bool             `json:"resume"`
	Opened            int64            `json:"opened"`
	AtOnce            int              `json:"atOnce"`
	Reconnects        int64            `json:"reconnects"`
	Resumed           int64            `json:"resumed"`
	FailedSetups      int64            `json:"failedSetups"`
	TLSVersions       map[string]int64 `json:"tlsVersions"`
	Ciphers           map[string]int64 `json:"ciphers"`
	KeyExchanges      map[string]int64 `json:"keyExchanges"`
}

// Opened counts a connection that became ready; state is nil without TLS.
func (t *Target) Opened(state *tls.ConnectionState) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.opened++
	if state == nil {
		return
	}
	if t.versions == nil {
		t.versions, t.ciphers, t.exchanges = map[string]int64{}, map[string]int64{}, map[string]int64{}
	}
	t.versions[TLSVersion(state)]++
	t.ciphers[tls.CipherSuiteName(state.CipherSuite)]++
	t.exchanges[state.CurveID.String()]++
	if state.DidResume {
		t.resumed++
	}
}

// Failed counts a connection that did not become ready.
func (t *Target) Failed() {
	t.mutex.Lock()
	t.failed++
	t.mutex.Unlock()
}

// Reconnected counts a connection that was replaced because the server had ended it.
func (t *Target) Reconnected() {
	t.mutex.Lock()
	t.reconnects++
	t.mutex.Unlock()
}

// TLSVersion gives "1.2" or "1.3".
func TLSVersion(state *tls.ConnectionState) string {
	return strings.TrimPrefix(tls.VersionName(state.Version), "TLS ")
}

func (t *Target) report() TargetReport {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	copied := func(counts map[string]int64) map[string]int64 {
		if counts == nil {
			return map[string]int64{}
		}
		return maps.Clone(counts)
	}
	return TargetReport{
		Host: t.Host, Port: t.Port, TLS: t.TLS, Auth: t.Auth, Pipelining: t.Pipelining, Chunking: t.Chunking,
		Sessions: t.Sessions, ConnectPerMessage: t.ConnectPerMessage, Resume: t.Resume,
		Opened: t.opened, AtOnce: t.AtOnce(), Reconnects: t.reconnects, Resumed: t.resumed, FailedSetups: t.failed,
		TLSVersions: copied(t.versions), Ciphers: copied(t.ciphers), KeyExchanges: copied(t.exchanges),
	}
}
