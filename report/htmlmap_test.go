package report

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"openrelay/probe"
)

// mapOf returns the view of results written as "192.0.2.1 open".
func mapOf(lines ...string) rangeView {
	var m rangeMap
	for _, line := range lines {
		addr, verdict, _ := strings.Cut(line, " ")
		r := probe.Result{Target: netip.AddrPortFrom(netip.MustParseAddr(addr), 25).String()}
		if err := r.Verdict.UnmarshalText([]byte(verdict)); err != nil {
			panic(err)
		}
		m.add(r)
	}
	return m.view()
}

// drawing writes the paths of a picture: "closed M0 0h2; open M2 0h1".
func drawing(p picture) string {
	var paths []string
	for _, path := range p.Paths {
		paths = append(paths, path.Class+" "+path.D())
	}
	return strings.Join(paths, "; ")
}

func TestMapTile(t *testing.T) {
	v := mapOf("192.0.2.0 closed", "192.0.2.1 closed", "192.0.2.2 open", "192.0.2.2 closed", "192.0.2.16 unreachable", "192.0.2.255 inconclusive", "198.51.100.1 open")
	if len(v.Pictures) != 1 || v.Pictures[0].Title != "192.0.2.0/24" {
		t.Fatalf("%+v", v.Pictures) // one address is no range
	}
	want := "dead M0 1h1; closed M0 0h2; inconclusive M15 15h1; open M2 0h1"
	if got := drawing(v.Pictures[0]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := v.Text(), "5 addresses: 1 open, 1 inconclusive, 2 closed, 1 without a mail server"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMapIPv6(t *testing.T) {
	v := mapOf("2001:db8::1 closed", "2001:db8::2 open")
	if len(v.Pictures) != 1 || v.Pictures[0].Title != "2001:db8::/120" || drawing(v.Pictures[0]) != "closed M1 0h1; open M2 0h1" {
		t.Errorf("%+v", v.Pictures)
	}
}

// A /16 is one picture of 256 by 256, few of its networks are tiles.
func TestMapOfLargeRange(t *testing.T) {
	var lines []string
	for i := range 65536 {
		verdict := "unreachable"
		if i == 3*256+77 {
			verdict = "open"
		}
		lines = append(lines, fmt.Sprintf("10.1.%d.%d %s", i>>8, i&255, verdict))
	}
	v := mapOf(lines...)
	if len(v.Pictures) != 1 || len(v.Networks) != 256 {
		t.Fatalf("%d pictures, %d networks", len(v.Pictures), len(v.Networks))
	}
	p := v.Pictures[0]
	if p.Columns != 256 || p.Rows != 256 || p.Title != "10.1.0.0/16" || p.Network != "10.1.0.0" {
		t.Errorf("%d by %d cells of %s from %s", p.Columns, p.Rows, p.Title, p.Network)
	}
	if d := drawing(p); !strings.HasSuffix(d, "open M77 3h1") || !strings.Contains(d, "M0 2h256M0 3h77M78 3h178M0 4h256") {
		t.Errorf("got %.200s", d)
	}
	if len(p.Rings) != 1 || p.Rings[0] != (point{77.5, 3.5}) {
		t.Errorf("rings %v", p.Rings)
	}
	if v := mapOf(lines[256 : 256*5]...); len(v.Pictures) != 4 || v.Pictures[0].Title != "10.1.1.0/24" {
		t.Errorf("four networks: %d pictures", len(v.Pictures))
	}
	if v := mapOf(lines[256*100 : 256*120]...); len(v.Pictures) != 1 || v.Pictures[0].Rows != 20 || v.Pictures[0].Network != "10.1.100.0" {
		t.Errorf("twenty networks: %+v", v.Pictures[0].Title)
	}
}

// Only what was scanned as a range is drawn.
func TestMapWithoutRange(t *testing.T) {
	var m rangeMap
	m.add(probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: probe.Open})
	m.add(probe.Result{Target: "192.0.2.2:25", Named: true, Verdict: probe.Open})
	m.add(probe.Result{Target: "no-such-host:25", Verdict: probe.Unreachable})
	if v := m.view(); len(v.Pictures) != 0 {
		t.Errorf("%+v", v)
	}
	if page := htmlOf(t, Options{}, probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: probe.Open}); strings.Contains(page, `id="map"`) {
		t.Error("the page has a map")
	}
}

// So many ranges that they cannot all be drawn are counted.
func TestMapOfTooMuch(t *testing.T) {
	var lines []string
	for i := range 70 {
		lines = append(lines, fmt.Sprintf("10.%d.0.1 closed", i), fmt.Sprintf("10.%d.0.2 open", i))
	}
	if v := mapOf(lines...); len(v.Pictures) != maxPictures || v.NotDrawn != 6 || len(v.Networks) != 70 {
		t.Errorf("%d pictures, %d not drawn, %d networks", len(v.Pictures), v.NotDrawn, len(v.Networks))
	}
}
