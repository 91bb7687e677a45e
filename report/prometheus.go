package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"openrelay/probe"
)

// prometheus writes metrics for the textfile collector of node_exporter. It is written in one piece at
// the end, in an order that does not depend on the order of the results.
//
// Every target is eleven series, so only so many have series of their own: what is open or inconclusive,
// and what the user named. All others, and what there is no room for, are counted.
type prometheus struct {
	out      output
	sum      Summary
	found    comparisons
	o        Options
	series   []series // at most twice mostSeries; not in order
	eligible int      // targets that should have series
	left     int      // of these, those for which there is no room
	last     time.Time
	scans    shortlist // labels
}

// mostSeries is how many targets have series of their own.
const mostSeries = 1000

// series is what is kept of one target.
type series struct {
	labels   string
	standing probe.Standing // of a target of which nothing is expected too
	result   probe.Result   // without its dialogues
	accepted int            // vectors
}

func newPrometheus(w io.Writer, o Options) Writer[probe.Result] {
	return &prometheus{out: output{w: w}, o: o}
}

func (p *prometheus) Write(r probe.Result) error {
	p.sum.Add(r)
	p.found.add(r)
	if r.Scan != nil {
		p.scans.add(labels("scan", r.Scan.ID, "version", r.Scan.Version, "authorized", Authorisation(r.Scan)))
	}
	if end := r.Started.Add(time.Duration(r.TookMS) * time.Millisecond); !r.Started.IsZero() && end.After(p.last) {
		p.last = end
	}
	if !r.Named && r.Verdict <= probe.Closed && r.Standing() == probe.AsExpected {
		return p.out.err
	}
	p.eligible++
	names := []string{"target", r.Target, "name", r.Name}
	if r.Domain != "" {
		names = append(names, "domain", r.Domain)
	}
	p.series = append(p.series, series{
		labels: labels(names...), standing: r.Standing(),
		result: probe.Result{Target: r.Target, Name: r.Name, Domain: r.Domain, Named: r.Named, Optional: r.Optional, Verdict: r.Verdict,
			Reason: r.Reason, Stage: r.Stage, Expected: r.Expected, Started: r.Started, TookMS: r.TookMS},
		accepted: len(acceptedIDs(r)),
	})
	if len(p.series) >= 2*mostSeries {
		p.prune()
	}
	return p.out.err
}

func (*prometheus) atEnd() {}

// prune keeps the series that matter most: what is worse than expected first, then the worst verdicts, and ports that
// may not be offered last.
func (p *prometheus) prune() {
	weight := func(s *series) int {
		switch {
		case s.standing == probe.Worse:
			return -1
		case s.result.MayBeAbsent():
			return len(worstFirst)
		}
		return slices.Index(worstFirst, s.result.Verdict)
	}
	slices.SortFunc(p.series, func(a, b series) int {
		return cmp.Or(weight(&a)-weight(&b), compareSeries(a, b))
	})
	p.series = p.series[:min(len(p.series), mostSeries)]
}

// compareSeries puts the worst of the same target first.
func compareSeries(a, b series) int {
	return cmp.Or(strings.Compare(a.labels, b.labels), cmp.Compare(truth(b.standing == probe.Worse), truth(a.standing == probe.Worse)),
		int(b.result.Verdict-a.result.Verdict), b.result.Started.Compare(a.result.Started))
}

// settle decides at the end which series there are. A file with the same series twice is refused: where a target is
// in the results twice, the worst counts.
func (p *prometheus) settle() {
	p.series = slices.DeleteFunc(p.series, func(s series) bool { return s.result.MayBeAbsent() && p.sum.answers(s.result) })
	p.prune()
	p.left = max(p.eligible-p.sum.NotOffered-len(p.series), 0)
	slices.SortFunc(p.series, compareSeries)
	p.series = slices.CompactFunc(p.series, func(a, b series) bool { return a.labels == b.labels })
}

func (p *prometheus) Close() error {
	p.settle()
	var b bytes.Buffer
	for _, m := range metrics {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
		m.samples(p, func(labels string, value float64) {
			if labels != "" {
				labels = "{" + labels + "}"
			}
			b.WriteString(m.name + labels + " " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
		})
	}
	return p.out.write(b.Bytes())
}

// metric is one name of the exposition, with all its samples.
type metric struct {
	name, help string
	samples    func(p *prometheus, sample func(labels string, value float64))
}

var metrics = []metric{
	{"openrelay_target_verdict", "1 for the verdict that the target has, 0 for the others.",
		func(p *prometheus, sample func(string, float64)) {
			for _, s := range p.series {
				for _, v := range probe.Verdicts {
					sample(s.labels+","+labels("verdict", v.String()), truth(v == s.result.Verdict))
				}
			}
		}},
	{"openrelay_target_standing", "1 for how what was found compares with what is expected of the target (that it is closed, if nobody said anything else), 0 for the others.",
		func(p *prometheus, sample func(string, float64)) {
			for _, s := range p.series {
				for _, found := range standings {
					sample(s.labels+","+labels("standing", string(found)), truth(s.standing == found))
				}
			}
		}},
	{"openrelay_target_accepted_vectors", "How many vectors the target accepted.",
		func(p *prometheus, sample func(string, float64)) {
			for _, s := range p.series {
				sample(s.labels, float64(s.accepted))
			}
		}},
	{"openrelay_target_scan_timestamp_seconds", "When the target was tested, in seconds since 1970.",
		func(p *prometheus, sample func(string, float64)) {
			for _, s := range p.series {
				if !s.result.Started.IsZero() {
					sample(s.labels, seconds(s.result.Started))
				}
			}
		}},
	{"openrelay_target_scan_duration_seconds", "How long the test of the target took.",
		func(p *prometheus, sample func(string, float64)) {
			for _, s := range p.series {
				sample(s.labels, float64(s.result.TookMS)/1000)
			}
		}},
	{"openrelay_targets", "How many targets have the verdict. Addresses of ranges without a mail server are not among them.",
		func(p *prometheus, sample func(string, float64)) {
			n := p.sum.counts()
			for _, v := range probe.Verdicts {
				sample(labels("verdict", v.String()), float64(n.of(v)))
			}
		}},
	{"openrelay_targets_by_standing", "How many targets have the standing. Addresses and ports where nothing is are not among them.",
		func(p *prometheus, sample func(string, float64)) {
			n := p.found.of(&p.sum)
			for _, found := range standings {
				sample(labels("standing", string(found)), float64(n[found]))
			}
		}},
	{"openrelay_targets_not_offered", "How many ports of the default list a mail server does not offer.",
		func(p *prometheus, sample func(string, float64)) { sample("", float64(p.sum.NotOffered)) }},
	{"openrelay_targets_without_server", "How many addresses of ranges have no mail server.",
		func(p *prometheus, sample func(string, float64)) { sample("", float64(p.sum.Dead)) }},
	{"openrelay_targets_left_out", "How many named, open or inconclusive targets have no series of their own, for want of room.",
		func(p *prometheus, sample func(string, float64)) { sample("", float64(p.left)) }},
	{"openrelay_scan_info", "Always 1: which scan it was, with which version, and who authorised it.",
		func(p *prometheus, sample func(string, float64)) {
			for _, labels := range slices.Sorted(slices.Values(p.scans.texts)) {
				sample(labels, 1)
			}
		}},
	{"openrelay_scan_cut_short", "1 if the scan was cut off (interrupted, or the network went down) before all targets were tested, else 0.",
		func(p *prometheus, sample func(string, float64)) { sample("", truth(p.o.cut() != "")) }},
	{"openrelay_scan_intercepted", "1 if a machine on the way seems to answer port 25 for everybody, so that no verdict on it is about the target, else 0.",
		func(p *prometheus, sample func(string, float64)) { sample("", truth(p.sum.Intercepted() != "")) }},
	{"openrelay_last_scan_timestamp_seconds", "When the last test ended, in seconds since 1970; 0 if there was none.",
		func(p *prometheus, sample func(string, float64)) { sample("", seconds(p.last)) }},
}

// labels writes names and values as name="value",...
func labels(pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		parts = append(parts, pairs[i]+`="`+labelValue(pairs[i+1])+`"`)
	}
	return strings.Join(parts, ",")
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

func (c counts) of(v probe.Verdict) int {
	switch v {
	case probe.Open:
		return c.Open
	case probe.Inconclusive:
		return c.Inconclusive
	case probe.Closed:
		return c.Closed
	}
	return c.Unreachable
}
