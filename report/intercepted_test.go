package report

import (
	"fmt"
	"strings"
	"testing"

	"openrelay/probe"
)

// intercepted are results of eight targets for which one gateway answered.
func intercepted() (all []probe.Result) {
	for i := range 8 {
		r := result(fmt.Sprintf("closed 8.%d.0.1:25", i))
		r.Name, r.Reason, r.Server.Banner = fmt.Sprintf("mx.firm%d.example", i), probe.ReasonRelayDenied, "gw.hotel.example ESMTP"
		all = append(all, r)
	}
	return all
}

// Every format that has a summary says what makes all of it doubtful, and none does of a server that stands alone. It
// changes no verdict and no exit status.
func TestInterceptedIsSaid(t *testing.T) {
	without := map[string]bool{"jsonl": true, "csv": true, "junit": true} // they have records only
	for _, f := range Results {
		said, alone := "gw.hotel.example is the name of none of the targets", "answered on port 25"
		if f.Name == "prometheus" {
			said, alone = "\nopenrelay_scan_intercepted 1\n", "\nopenrelay_scan_intercepted 1\n"
		}
		plain := strings.NewReplacer(`\.`, ".", "&#46;", ".", `\x2e`, ".")
		if text := plain.Replace(render(t, f, Options{}, intercepted())); strings.Contains(text, said) == without[f.Name] {
			t.Errorf("%s:\n%s", f.Name, text)
		}
		if text := plain.Replace(render(t, f, Options{}, intercepted()[:1])); strings.Contains(text, alone) {
			t.Errorf("%s of one server:\n%s", f.Name, text)
		}
	}
	var sum Summary
	for _, r := range intercepted() {
		sum.Add(r)
	}
	if sum.ExitStatus() != 0 || sum.String() != "8 closed" {
		t.Errorf("exit status %d, %s", sum.ExitStatus(), &sum)
	}
}
