package targets

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

// What an earlier run has results of is not walked again, and everything else is.
func TestDone(t *testing.T) {
	specs := []string{"10.1.0.0/22", "10.1.3.0/24:587", "10.2.0.7:26", "fd00::/120", "10.9.0.1-10.9.0.40", "[fd01::5]:25", "10.9.0.20:25"}
	all := walk1(t, specs, nil)
	done := map[string]bool{}
	for target := range all {
		if rand.IntN(3) == 0 {
			done[target] = true
		}
	}
	l, err := Parse(specs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for target := range done {
		l.Done(target, "", "")
	}
	l.Done("192.0.2.1:25", "", "") // of another run
	l.Done("10.1.0.0:26", "", "")
	l.Done("mail.example.org:25", "mail.example.org", "")
	rest := walk1(t, nil, l)
	for target := range all {
		if rest[target] == done[target] {
			t.Errorf("%s: done %v, walked again %v", target, done[target], rest[target])
		}
	}
	if len(rest)+len(done) != len(all) {
		t.Errorf("%d walked and %d done, of %d", len(rest), len(done), len(all))
	}
	if n, exact := l.Len(); n != uint64(len(rest)) || !exact {
		t.Errorf("Len is %d, %v; %d were walked", n, exact, len(rest))
	}
}

func TestDoneByName(t *testing.T) {
	l, err := Parse([]string{"mail.example.org:25", "gone.example.org:25"}, zone{hosts: map[string]string{
		"mail.example.org": "192.0.2.1 2001:db8::1",
	}}.options())
	if err != nil {
		t.Fatal(err)
	}
	l.Done("192.0.2.1:25", "mail.example.org", "")
	l.Done("gone.example.org:25", "gone.example.org", "")
	if rest := walk1(t, nil, l); len(rest) != 1 || !rest["[2001:db8::1]:25"] {
		t.Errorf("walked %v, want the IPv6 address alone", rest)
	}
}

// The number of a target and the target of a number are inverse.
func TestIndex(t *testing.T) {
	l, err := Parse([]string{"10.0.0.0/8", "fd00::/112", "10.1.0.0/16:26"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 10_000 {
		i := rand.Uint64N(l.walked)
		if rand.IntN(2) == 0 {
			i %= 1 << 25
		}
		if k, ok := l.index(l.number(i).Addr); !ok || k != i {
			t.Fatalf("number %d is %s, which is number %d, %v", i, l.number(i).Addr, k, ok)
		}
	}
	for _, other := range []string{"9.255.255.255:25", "11.0.0.0:25", "10.0.0.0:26", "10.0.0.1:27", "[fd00:0:0:1::]:25", "[fd00::1:0]:25", "[::ffff:10.0.0.1]:25"} {
		if i, ok := l.index(netip.MustParseAddrPort(other)); ok {
			t.Errorf("%s is number %d, want none", other, i)
		}
	}
}

// walk1 is what a list yields, each once.
func walk1(t *testing.T, specs []string, l *List) map[string]bool {
	t.Helper()
	if l == nil {
		var err error
		if l, err = Parse(specs, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for target, err := range l.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if key := target.String(); seen[key] {
			t.Errorf("%s comes twice", key)
		} else {
			seen[key] = true
		}
	}
	return seen
}

// A mail host of two domains is two targets: what one of them trusts is asked for each.
func TestDoneForOneDomain(t *testing.T) {
	w := zone{hosts: map[string]string{"mx.example": "192.0.2.5"}, mx: map[string]string{"a.example": "10 mx.example.", "b.example": "10 mx.example."}}
	l, err := Parse([]string{"mx:a.example:25", "mx:b.example:25"}, w.options())
	if err != nil {
		t.Fatal(err)
	}
	l.Done("192.0.2.5:25", "mx.example", "a.example")
	var left []string
	for target := range l.All(t.Context()) {
		left = append(left, target.Domain)
	}
	if len(left) != 1 || left[0] != "b.example" {
		t.Errorf("left are %q, want b.example", left)
	}
}
