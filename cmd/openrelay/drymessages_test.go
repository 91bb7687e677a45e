package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// What would be asked of whom before the first message: looked up, and not dialled.
func TestDryRunNamesTheQuestion(t *testing.T) {
	record := "_openrelay." + foreign
	leads := []string{foreign + ". MX 0 a.test.", foreign + ". MX 5 b.test.", foreign + ". MX 9 none.test.", "a.test. A 192.0.2.1", "a.test. AAAA 2001:db8::1", "b.test. A 10.0.0.1"}
	for name, c := range map[string]struct {
		to, catch string
		zone      []string
		says      []string
	}{
		"mail hosts": {foreign, "127.0.0.1:2525", leads, []string{"one to " + foreign + ": up to 3 to a server, 20 in all", "a server is an address, with all its ports and names",
			"before the first " + foreign + " is asked", "the DNS, for the TXT record of " + record, "port 25 of a.test [192.0.2.1] [2001:db8::1]",
			"b.test [10.0.0.1] is not asked: excluded", "none.test has no address"}},
		"no mail":         {foreign, "127.0.0.1:2525", []string{foreign + ". MX 0 ."}, []string{"its mail hosts: it says that it takes no mail"}},
		"our catcher":     {foreign, "127.0.0.1:2525", []string{foreign + ". A 127.0.0.1"}, []string{foreign + " is not asked whether it agrees: its mail hosts are on loopback"}},
		"on port 25":      {foreign, ":25", []string{foreign + ". A 127.0.0.1"}, []string{foreign + " is where this scan's own --catch listens"}},
		"a reserved name": {"ada@receiver.test", "127.0.0.1:2525", nil, []string{"receiver.test is not asked whether it agrees: test is a reserved name"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHanding(t, c.to, c.catch, false, c.zone...)
			h.delivery.consent.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
				t.Errorf("%s was dialled", address)
				return nil, errors.New("a dry run")
			}
			h.delivery.consent.Allowed = func(_ context.Context, _ string, addr netip.Addr) error {
				if addr.IsPrivate() {
					return errors.New("excluded")
				}
				return nil
			}
			p := &dryRun{job: h.job}
			p.messages(t.Context())
			for _, want := range c.says {
				if !strings.Contains(p.b.String(), want) {
					t.Errorf("it lacks %q:\n%s", want, p.b.String())
				}
			}
			if n := h.zone.Asked(record); n != 0 {
				t.Errorf("the domain was asked %d times", n)
			}
		})
	}
}
