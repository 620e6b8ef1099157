package smtpmodule

import (
	"context"
	"strconv"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"

	"hipaa-check/loadtests/extension/smtpclient"
)

// smtpMetrics are what a run emits. README.md says what each means.
type smtpMetrics struct {
	messages, failures, sessions, reconnects, duplicates           *metrics.Metric
	sendFailed, plaintext, lost                                    *metrics.Metric
	sendDuration, acceptDuration, endToEnd, delivery               *metrics.Metric
	connecting, handshaking, authenticating, setup                 *metrics.Metric
	waiting, transaction, mailDuration, rcptDuration, dataDuration *metrics.Metric
}

func registerMetrics(registry *metrics.Registry) *smtpMetrics {
	counter := func(name string) *metrics.Metric { return registry.MustNewMetric(name, metrics.Counter) }
	share := func(name string) *metrics.Metric { return registry.MustNewMetric(name, metrics.Rate) }
	trend := func(name string) *metrics.Metric { return registry.MustNewMetric(name, metrics.Trend, metrics.Time) }
	return &smtpMetrics{
		messages: counter("smtp_messages"), failures: counter("smtp_failures"), sessions: counter("smtp_sessions"),
		reconnects: counter("smtp_reconnects"), duplicates: counter("smtp_e2e_duplicates"),
		sendFailed: share("smtp_send_failed"), plaintext: share("smtp_tls_plaintext"), lost: share("smtp_e2e_lost"),
		sendDuration: trend("smtp_send_duration"), acceptDuration: trend("smtp_accept_duration"),
		endToEnd: trend("smtp_e2e_duration"), delivery: trend("smtp_e2e_delivery"),
		connecting: trend("smtp_connecting"), handshaking: trend("smtp_tls_handshaking"),
		authenticating: trend("smtp_authenticating"), setup: trend("smtp_session_setup"),
		waiting: trend("smtp_waiting"), transaction: trend("smtp_transaction_duration"),
		mailDuration: trend("smtp_mail_duration"), rcptDuration: trend("smtp_rcpt_duration"), dataDuration: trend("smtp_data_duration"),
	}
}

// tagCache remembers the tags of the last message, which are nearly always those of the next.
type tagCache struct {
	from, made *metrics.TagSet
	version    string
}

// tags gives the tags of a virtual user with those of SMTP. version is "1.2", "1.3" or "".
func (i *Instance) tagSet(state *lib.State, version string) (*metrics.TagSet, map[string]string) {
	current := state.Tags.GetCurrentValues()
	if i.tags.from != current.Tags || i.tags.version != version {
		made, enabled := current.Tags, state.Options.SystemTags
		if enabled.Has(metrics.TagProto) {
			made = made.With(metrics.TagProto.String(), "SMTP")
		}
		if version != "" && enabled.Has(metrics.TagTLSVersion) {
			made = made.With(metrics.TagTLSVersion.String(), "tls"+version)
		}
		i.tags = tagCache{from: current.Tags, made: made, version: version}
	}
	return i.tags.made, current.Metadata
}

// samples collects what one call emits.
type samples struct {
	list     []metrics.Sample
	tags     *metrics.TagSet
	metadata map[string]string
	time     time.Time
}

func (s *samples) add(metric *metrics.Metric, value float64) { s.addTagged(metric, value, s.tags) }

func (s *samples) addTagged(metric *metrics.Metric, value float64, tags *metrics.TagSet) {
	s.list = append(s.list, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags}, Time: s.time, Metadata: s.metadata, Value: value,
	})
}

func (s *samples) addDuration(metric *metrics.Metric, duration time.Duration) {
	s.add(metric, metrics.D(duration))
}

func (s *samples) push(ctx context.Context, state *lib.State) {
	if len(s.list) > 0 {
		metrics.PushIfNotDone(ctx, state.Samples, metrics.ConnectedSamples{Samples: s.list, Tags: s.tags, Time: s.time})
	}
}

// addFailure counts a refusal or failure with its tags.
func (i *Instance) addFailure(s *samples, state *lib.State, phase smtpclient.Phase, kind smtpclient.Kind, reply smtpclient.Reply) {
	tags, enabled := s.tags, state.Options.SystemTags
	for _, tag := range []struct {
		name  metrics.SystemTag
		value string
	}{
		{metrics.TagMethod, string(phase)}, {metrics.TagError, string(kind)},
		{metrics.TagStatus, statusOf(reply)}, {metrics.TagErrorCode, reply.Enhanced},
	} {
		if tag.value != "" && enabled.Has(tag.name) {
			tags = tags.With(tag.name.String(), tag.value)
		}
	}
	s.addTagged(i.metrics.failures, 1, tags)
}

func statusOf(reply smtpclient.Reply) string {
	if reply.Code == 0 {
		return ""
	}
	return strconv.Itoa(reply.Code)
}
