package targets

import (
	"reflect"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/expect"
)

// TestPlainLists reads the sample of a plain list, and what its comments say.
func TestPlainLists(t *testing.T) {
	z := zone{hosts: map[string]string{"mail.example.org": "203.0.113.25", "backup.example.org": "203.0.113.9", "mx.example.net": "203.0.113.4"},
		mx: map[string]string{"example.net": "10 mx.example.net"}}
	o := z.options()
	o.Ports, o.Expect = []uint16{26}, &expect.Set{}
	o.Stdin = strings.NewReader(strings.Replace(plainList.Sample, "/28", "/31", 1))
	list := check(t, []string{"-"}, o,
		"203.0.113.25:26 name=mail.example.org named", "192.0.2.25:2525 named", "192.0.2.7:26 named", "192.0.2.9:26 named", "192.0.2.11:26 named",
		"203.0.113.4:26 name=mx.example.net domain=example.net named", "203.0.113.9:587 name=backup.example.org named",
		"198.51.100.0:26", "198.51.100.1:26", "192.0.2.26:26 named")
	for target := range list.All(t.Context()) {
		of := probe.Result{Target: target.String()}
		o.Expect.Judge(&of)
		switch target.String() {
		case "192.0.2.26:26":
			if want := (&probe.Local{Domains: []string{"example.org", "example.net"}, Users: []string{"ada"}}); !reflect.DeepEqual(target.Local, want) {
				t.Errorf("%v: local %+v", target, target.Local)
			}
		case "198.51.100.0:26", "198.51.100.1:26":
			if e := o.Expect.Awaited(target); e.Verdict != probe.Unreachable {
				t.Errorf("%v is expected to be %v", target, e)
			}
		default:
			if target.Local != nil || of.Expected != nil {
				t.Errorf("%v: local %+v, expected %+v", target, target.Local, of.Expected)
			}
		}
	}
}

// Of a comment only the keys count. A value runs to the next of them.
func TestRemarks(t *testing.T) {
	for _, test := range []struct {
		comment, expect string
		domains, users  string
		err             string
	}{
		{comment: " the old relay, see https://example.org/?expect=closed"},
		{comment: "expected=closed xexpect=closed expect =closed"},
		{comment: "expect=open plain until 2030-12-31 because CHG-1 #7 local-domain=a.example, B.example local-user=ada,bob@a.example",
			expect: "open plain until 2030-12-31 because CHG-1 #7", domains: "a.example B.example", users: "ada bob@a.example"},
		{comment: " moved local-user=ada @ expect=unreachable", err: `local-user="@"`},
		{comment: " # expect=unreachable", expect: "unreachable"},
		{comment: "the firewall;Expect=Unreachable;LOCAL-USER=ada", expect: "Unreachable", users: "ada"},
		{comment: "the firewall; Expect=unreachable", expect: "unreachable"},
		{comment: "[the firewall],EXPECT=unreachable", expect: "unreachable"},
		{comment: "(expect=unreachable)", expect: "unreachable)"}, // which is no expectation, and told
		{comment: "expect=", err: "expect= says nothing"},
		{comment: "local-domain=a..b", err: `local-domain="a..b"`},
		{comment: "local-domain=b\u00fccher.example", domains: "xn--bcher-kva.example"},
	} {
		e := entry{word: word{text: "192.0.2.1"}}
		err := e.remarks(test.comment)
		if (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%q: %v, want %q", test.comment, err, test.err)
			continue
		}
		local := probe.Local{}
		if e.local != nil {
			local = *e.local
		}
		if err == nil && (e.expect != test.expect || strings.Join(local.Domains, " ") != test.domains || strings.Join(local.Users, " ") != test.users) {
			t.Errorf("%q: expect %q, %+v", test.comment, e.expect, local)
		}
	}
}
