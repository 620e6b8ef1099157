package sink

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// TokenVariable is the environment variable with the token that requests to the control address must carry.
const TokenVariable = "SMTP_SINK_TOKEN"

// maxPlan bounds what a client may send.
const maxPlan = 1024 * 1024

// Control serves the sink's control address until the sink ends. It gives the address as a URL. stop is called when a
// client asks for the sink's end.
func (s *Server) Control(listen string, stop func()) (string, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("control %q is not host:port", listen)
	}
	token := os.Getenv(TokenVariable)
	if address := net.ParseIP(host); token == "" && host != "localhost" && (address == nil || !address.IsLoopback()) {
		return "", fmt.Errorf("a control address other than loopback needs a token in %s", TokenVariable)
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return "", fmt.Errorf("cannot listen on %s: %w", listen, errors.Unwrap(err))
	}
	server := &http.Server{Handler: authorised(token, s.handler(stop)), ReadHeaderTimeout: 10 * time.Second}
	s.tasks.Go(func() { _ = server.Serve(listener) })
	s.tasks.Go(func() {
		<-s.life.Done()
		_ = server.Close()
	})
	return "http://" + listener.Addr().String(), nil
}

func authorised(token string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		given := strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
		if token != "" && subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
			http.Error(response, "wrong or missing token", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(response, request)
	})
}

// Place is where a sink listens, and what clients need to verify it.
type Place struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	CA   string `json:"ca"`
}

// Place tells where the sink listens.
func (s *Server) Place() Place { return Place{s.Host(), s.Port(), s.authority} }

// Progress is how much has come from one run so far.
type Progress struct {
	Messages   int `json:"messages"`
	Recipients int `json:"recipients"`
	Duplicates int `json:"duplicates"`
}

// ClockReading is a time on the sink's clock.
type ClockReading struct {
	UnixMicro int64   `json:"unixMicro"`
	StepMs    float64 `json:"stepMs"`
}

func (s *Server) handler(stop func()) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(response http.ResponseWriter, _ *http.Request) { writeJSON(response, s.Place()) })
	mux.HandleFunc("GET /report", func(response http.ResponseWriter, _ *http.Request) { writeJSON(response, s.Report()) })
	mux.HandleFunc("GET /progress", func(response http.ResponseWriter, request *http.Request) {
		writeJSON(response, s.Progress(request.URL.Query().Get("run")))
	})
	mux.HandleFunc("GET /receipts", func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Content-Type", "text/csv")
		_ = s.WriteReceipts(response, request.URL.Query().Get("run"))
	})
	mux.HandleFunc("GET /clock", func(response http.ResponseWriter, _ *http.Request) { writeJSON(response, s.ReadClock()) })
	mux.HandleFunc("PUT /plan", func(response http.ResponseWriter, request *http.Request) {
		plan, err := ParsePlan(http.MaxBytesReader(response, request.Body, maxPlan))
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
		} else if err := s.SetPlan(plan); err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("POST /reset", func(http.ResponseWriter, *http.Request) { s.Reset() })
	mux.HandleFunc("POST /stop", func(http.ResponseWriter, *http.Request) { stop() })
	return mux
}

func writeJSON(response http.ResponseWriter, value any) {
	response.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(response).Encode(value)
}

// Progress tells how much has come from a run.
func (s *Server) Progress(name string) Progress {
	of := s.receipts.Load().run(name)
	if of == nil {
		return Progress{}
	}
	of.mutex.Lock()
	defer of.mutex.Unlock()
	return Progress{Messages: of.messages, Recipients: of.recipients, Duplicates: of.duplicates}
}

// ReadClock reads the sink's clock.
func (s *Server) ReadClock() ClockReading {
	return ClockReading{UnixMicro: s.clock.Steady(time.Now()).UnixMicro(), StepMs: s.clock.Report().StepMs}
}
