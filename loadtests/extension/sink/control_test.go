package sink

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func request(t *testing.T, method, address, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for index := 0; index+1 < len(headers); index += 2 {
		r.Header.Set(headers[index], headers[index+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

func TestControl(t *testing.T) {
	server := start(t, Options{})
	stopped := make(chan struct{})
	control, err := server.Control("127.0.0.1:0", func() { close(stopped) })
	if err != nil {
		t.Fatal(err)
	}
	if code := greeted(t, server).message("run", 3, "a@y.test"); code != 250 {
		t.Fatal(code)
	}
	var place Place
	if status, text := request(t, "GET", control+"/ready", ""); status != 200 || json.Unmarshal([]byte(text), &place) != nil || place != server.Place() {
		t.Error(status, text)
	}
	var report Report
	if status, text := request(t, "GET", control+"/report", ""); status != 200 || json.Unmarshal([]byte(text), &report) != nil || report.Runs["run"].Messages != 1 {
		t.Error(status, text)
	}
	if _, text := request(t, "GET", control+"/progress?run=run", ""); strings.TrimSpace(text) != `{"messages":1,"recipients":1,"duplicates":0}` {
		t.Error(text)
	}
	if _, text := request(t, "GET", control+"/receipts?run=run", ""); !strings.HasPrefix(text, ReceiptsHeader+"\n3,1,") {
		t.Error(text)
	}
	if _, text := request(t, "GET", control+"/receipts?run=none", ""); text != ReceiptsHeader+"\n" {
		t.Error(text)
	}
	var reading ClockReading
	if _, text := request(t, "GET", control+"/clock", ""); json.Unmarshal([]byte(text), &reading) != nil || time.Since(time.UnixMicro(reading.UnixMicro)).Abs() > time.Minute {
		t.Error(text)
	}
	if status, text := request(t, "PUT", control+"/plan", `{"faults":[{"kind":"drop"}],"limits":[]}`); status != 200 {
		t.Error(status, text)
	}
	for _, wrong := range []string{`{"faults":[{"kind":"x"}]}`, `{"fault":[]}`, `nonsense`, ``} {
		if status, text := request(t, "PUT", control+"/plan", wrong); status != 400 || strings.Count(text, "\n") != 1 {
			t.Error(wrong, status, text)
		}
	}
	if faults := server.Report().Faults; len(faults) != 1 || faults[0].Kind != FaultDrop {
		t.Errorf("a wrong plan has replaced a right one: %+v", faults)
	}
	if status, _ := request(t, "GET", control+"/stop", ""); status != http.StatusMethodNotAllowed {
		t.Error(status)
	}
	if status, _ := request(t, "POST", control+"/reset", ""); status != 200 || server.Report().Messages.Received != 0 {
		t.Error(status)
	}
	if status, _ := request(t, "POST", control+"/stop", ""); status != 200 {
		t.Error(status)
	}
	<-stopped
}

func TestControlOfOthers(t *testing.T) {
	server := start(t, Options{})
	if _, err := server.Control("0.0.0.0:0", func() {}); err == nil {
		t.Error("everybody may control the sink")
	}
	t.Setenv(TokenVariable, "secret")
	control, err := server.Control("127.0.0.1:0", func() {})
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := request(t, "GET", control+"/report", ""); status != http.StatusUnauthorized {
		t.Error(status)
	}
	if status, _ := request(t, "GET", control+"/report", "", "Authorization", "Bearer wrong"); status != http.StatusUnauthorized {
		t.Error(status)
	}
	if status, _ := request(t, "GET", control+"/report", "", "Authorization", "Bearer secret"); status != 200 {
		t.Error(status)
	}
}
