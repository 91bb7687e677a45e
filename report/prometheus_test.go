package report

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
)

// promtool returns what Prometheus's own checker says of an exposition; nothing, where all is well.
func promtool(t *testing.T, text string) string {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "true" {
			t.Skip("no promtool: apt-get install prometheus")
		}
		t.Fatalf("no promtool: apt-get install prometheus: %v", err)
	}
	cmd := exec.Command(path, "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%v: %s", err, out)
	}
	return string(out)
}

func TestPrometheusChecks(t *testing.T) {
	for name, results := range map[string][]probe.Result{"all": saved(t), "none": nil, "twice": append(saved(t), saved(t)...)} {
		if said := promtool(t, render(t, format(t, "prometheus"), Options{}, results)); said != "" {
			t.Errorf("%s: %s", name, said)
		}
	}
	if said := promtool(t, "openrelay_x{a=\"\n\"} 1\n"); said == "" {
		t.Error("promtool takes a label with a newline: it checks nothing")
	}
}

// readMetrics reads an exposition: every sample with its labels, each name described once, before its
// samples, and all its samples together.
func readMetrics(t testing.TB, text string) map[string]string {
	t.Helper()
	samples := map[string]string{}
	line := regexp.MustCompile(`^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (-?[0-9.]+)$`)
	name := ""
	described := map[string]bool{}
	for text := range strings.Lines(text) {
		text = strings.TrimSuffix(text, "\n")
		if rest, ok := strings.CutPrefix(text, "# HELP "); ok {
			name, _, _ = strings.Cut(rest, " ")
			if described[name] {
				t.Errorf("%s is described twice", name)
			}
			described[name] = true
			continue
		}
		if text == "# TYPE "+name+" gauge" {
			continue
		}
		m := line.FindStringSubmatch(text)
		if m == nil || m[1] != name {
			t.Fatalf("under %s: %q", name, text)
		}
		if _, again := samples[m[1]+m[2]]; again {
			t.Errorf("%s%s is there twice", m[1], m[2])
		}
		samples[m[1]+m[2]] = m[3]
	}
	return samples
}

func TestPrometheusSamples(t *testing.T) {
	results := saved(t)
	text := render(t, format(t, "prometheus"), Options{}, results)
	got := readMetrics(t, text)
	const open = `{target="[2001:db8::5]:25",name="mx.example.org"`
	for sample, want := range map[string]string{
		"openrelay_target_verdict" + open + `,verdict="open"}`:                                                "1",
		"openrelay_target_verdict" + open + `,verdict="closed"}`:                                              "0",
		"openrelay_target_accepted_vectors" + open + `}`:                                                      "2",
		`openrelay_target_verdict{target="198.51.100.60:25",name="",verdict="open"}`:                          "1",
		`openrelay_target_verdict{target="192.0.2.67:25",name="=cmd()|@x,\"y\";=z.example",verdict="closed"}`: "1",
		`openrelay_targets{verdict="open"}`:                                                                   "7",
		`openrelay_targets_by_standing{standing="as-expected"}`:                                               "8",
		"openrelay_targets_not_offered":                                                                       "2",
		"openrelay_targets_without_server":                                                                    "3",
		"openrelay_targets_left_out":                                                                          "0",
		"openrelay_last_scan_timestamp_seconds":                                                               "1795456874.319",
	} {
		if got[sample] != want {
			t.Errorf("%s is %q, want %s", sample, got[sample], want)
		}
	}
	for sample := range got {
		for _, without := range []string{"192.0.2.5:465", "192.0.2.5:587", "198.51.100.40:25", "198.51.100.50:25"} {
			if strings.Contains(sample, without) {
				t.Errorf("%s: a port not offered, or an address of a range, has series", sample)
			}
		}
	}
	slices.Reverse(results)
	if again := render(t, format(t, "prometheus"), Options{}, results); again != text {
		t.Error("the order of the results changes the metrics")
	}
}

// A target that is in the results twice has one series. One open door is enough.
func TestPrometheusWorstCounts(t *testing.T) {
	results := []probe.Result{result("closed 192.0.2.1:25"), result("open 192.0.2.1:25"), result("closed 192.0.2.1:25"),
		result("inconclusive 192.0.2.2:25"), expecting(result("closed 192.0.2.2:25"), probe.Expectation{Verdict: probe.Unreachable}, probe.Worse),
		result("timeout 192.0.2.3:25"), result("closed 192.0.2.3:25")}
	got := readMetrics(t, render(t, format(t, "prometheus"), Options{}, results))
	if got[`openrelay_target_verdict{target="192.0.2.1:25",name="",verdict="open"}`] != "1" || got["openrelay_targets_left_out"] != "0" ||
		got[`openrelay_target_standing{target="192.0.2.2:25",name="",standing="worse"}`] != "1" || got[`openrelay_target_verdict{target="192.0.2.3:25",name="",verdict="closed"}`] != "1" {
		t.Errorf("%v", got)
	}
}

// One rule for each standing covers every target, whether something is expected of it or not.
func TestPrometheusStandings(t *testing.T) {
	at := func(target string, r probe.Result) probe.Result { r.Target = target; return r }
	got := readMetrics(t, render(t, format(t, "prometheus"), Options{}, []probe.Result{
		at("192.0.2.1:25", accepting("plain")),
		at("192.0.2.2:25", expecting(accepting("plain"), probe.Expectation{Verdict: probe.Open}, probe.AsExpected)),
		expecting(result("closed~ 192.0.2.3:25"), probe.Expectation{Verdict: probe.Unreachable, Because: "CHG-1234"}, probe.Worse),
		result("inconclusive~ 192.0.2.4:25"), result("timeout 192.0.2.5:25"), result("closed~ 192.0.2.6:25"), result("timeout~ 192.0.2.7:25"),
	}))
	of := func(target, found string) string {
		return fmt.Sprintf("openrelay_target_standing{target=%q,name=\"\",standing=%q}", target, found)
	}
	for sample, want := range map[string]string{
		of("192.0.2.1:25", "worse"):       "1",
		of("192.0.2.1:25", "as-expected"): "0",
		of("192.0.2.2:25", "as-expected"): "1",
		of("192.0.2.2:25", "worse"):       "0",
		of("192.0.2.3:25", "worse"):       "1",
		of("192.0.2.4:25", "untold"):      "1",
		of("192.0.2.5:25", "untold"):      "1",
		of("192.0.2.6:25", "as-expected"): "", // closed, of a range: counted

		`openrelay_targets_by_standing{standing="worse"}`:       "2",
		`openrelay_targets_by_standing{standing="untold"}`:      "2",
		`openrelay_targets_by_standing{standing="as-expected"}`: "2",
		`openrelay_targets_by_standing{standing="better"}`:      "0",
	} {
		if got[sample] != want {
			t.Errorf("%s is %q, want %q", sample, got[sample], want)
		}
	}
	for sample := range got {
		if strings.Contains(sample, "CHG-1234") {
			t.Errorf("a reason is a label: %s", sample)
		}
	}
}

// However many targets there are, there are so many series, and the worst are among them.
func TestPrometheusCardinality(t *testing.T) {
	var results []probe.Result
	for i := range 4 * mostSeries {
		kind := []string{"closed", "timeout", "inconclusive~", "closed~"}[i%4]
		if i%(mostSeries/10) == 99 {
			kind = "open~"
		}
		results = append(results, result(fmt.Sprintf("%s 10.0.%d.%d:25", kind, i/250, i%250)))
	}
	var texts []string
	for range 2 {
		texts = append(texts, render(t, format(t, "prometheus"), Options{}, results))
		slices.Reverse(results)
	}
	if texts[0] != texts[1] {
		t.Error("the order of the results decides which are left out")
	}
	got, series, open := readMetrics(t, texts[0]), 0, 0
	for sample, value := range got {
		if strings.HasPrefix(sample, "openrelay_target_accepted_vectors{") {
			series++
		}
		if strings.HasPrefix(sample, "openrelay_target_verdict{") && strings.HasSuffix(sample, `verdict="open"}`) && value == "1" {
			open++
		}
	}
	if series != mostSeries || open != 40 || got[`openrelay_targets{verdict="open"}`] != "40" || got["openrelay_targets_left_out"] == "0" {
		t.Errorf("%d series, %d of them open, %s left out", series, open, got["openrelay_targets_left_out"])
	}
}
