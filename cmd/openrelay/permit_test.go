package main

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/netaddr"
	"openrelay/probe/prober"
)

// TestMessagesToOneServer: a server is an address, by whatever port, name or translator it is reached.
func TestMessagesToOneServer(t *testing.T) {
	for name, c := range map[string]struct {
		at       []string
		messages int
	}{
		"ports":        {[]string{"192.0.2.1:25", "192.0.2.1:465", "192.0.2.1:587"}, 3},
		"names":        {[]string{"a.test=192.0.2.1:25", "b.test=192.0.2.1:25", "192.0.2.1:25"}, 3},
		"a translator": {[]string{"192.0.2.1:25", "[64:ff9b::c000:201]:25", "[::ffff:192.0.2.1]:587", "[2002:c000:201::1]:25"}, 3},
		"two servers":  {[]string{"192.0.2.1:25", "192.0.2.2:25", "192.0.2.1:465"}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHanding(t, "receiver.test", "127.0.0.1:0", false)
			h.run(t, "", at(c.at...))
			if got := h.server.Seen().Messages; got != c.messages {
				t.Errorf("%d messages, want %d\n%s", got, c.messages, h.out.String())
			}
		})
	}
}

// TestMessagesOverRuns: what earlier runs of a results file handed over counts, to a server and in all, and so does
// what a line recorded that was torn.
func TestMessagesOverRuns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.jsonl")
	run := func(messages int, list ...string) {
		t.Helper()
		h := newHanding(t, "receiver.test", "127.0.0.1:0", false)
		h.run(t, file, at(list...))
		if got := h.server.Seen().Messages; got != messages {
			t.Errorf("%d messages to %q, want %d\n%s", got, list, messages, h.errs.String())
		}
	}
	run(9, "192.0.2.1:25", "192.0.2.2:25", "192.0.2.3:25")
	run(3, "192.0.2.1:587", "192.0.2.4:25", "[64:ff9b::c000:202]:25")
	run(0, "192.0.2.4:465")
	tear(t, file)
	run(8, "192.0.2.4:25", "192.0.2.5:25", "192.0.2.6:25", "192.0.2.7:25") // the first had up to three: nobody knows
}

// tear cuts the last line of a file of results that has "192.0.2.4:25" in it.
func tear(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rest, torn []string
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"target":"192.0.2.4:25"`) {
			torn = append(torn, line[:len(line)/2])
			continue
		}
		rest = append(rest, line)
	}
	if err := os.WriteFile(file, []byte(strings.Join(append(rest, torn...), "")), 0o600); err != nil || len(torn) != 1 {
		t.Fatal(err, len(torn))
	}
}

// Of an earlier result each message counts once, whether its finding or its arrival tells of it.
func TestMessagesOfAResult(t *testing.T) {
	d := &delivery{most: 3, test: &prober.DeliveryTest{}, handed: handed{server: netaddr.Embedded}}
	d.goOnAfter(probe.Result{Target: "192.0.2.1:25", Findings: []probe.Finding{{Token: "a"}, {}, {Token: "b"}},
		Deliveries: []probe.Delivery{{Token: "a"}, {Token: "c"}, {}}})
	d.goOnAfter(probe.Result{Target: "mx.test:25", Findings: []probe.Finding{{}}})
	server := netip.MustParseAddr("192.0.2.1")
	if d.handed.earlier != 3 || d.handed.count[server] != 3 || d.handed.sent != 0 {
		t.Errorf("%+v", d.handed)
	}
	d.goOnAfterTorn([]byte(`{"type":"result","schema":1,"scan":{"id":"s1","authorized":"\"target\":\"192.0.2.9:25\""},"target":"192.0.2.1:587","na`))
	d.goOnAfterTorn([]byte(`{"type":"result","sche`))
	if d.handed.earlier != 9 || d.handed.count[server] != 6 || len(d.handed.count) != 1 {
		t.Errorf("with torn ones: %+v", d.handed)
	}
}

// Both limits have an end, and the hint names it.
func TestMostMessages(t *testing.T) {
	for _, c := range []struct {
		most, total int
		says        string
	}{{mostToServer, mostInAll, ""}, {mostToServer + 1, 20, "--deliver-max 10 TARGET"}, {3, mostInAll + 1, "--deliver-total 100 TARGET"}} {
		d := &delivery{to: foreign, listen: ":25", most: c.most, total: c.total}
		err := d.set("deliver", false, "")
		if c.says == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		var usage *usageError
		if !errors.As(err, &usage) || !strings.HasSuffix(usage.hint, "--deliver-to "+foreign+" --catch :25 "+c.says) {
			t.Errorf("%d and %d: %#v", c.most, c.total, err)
		}
	}
}
